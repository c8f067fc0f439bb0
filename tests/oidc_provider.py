"""An OpenID provider as a process of its own, made of Authlib and Flask: ``python oidc_provider.py SETTINGS``.

SETTINGS is JSON: ``client_id``, ``client_secret`` or ``client_jwk`` (the gateway's public key), ``redirect_uri``, and
``people``: login to claims (``acr``, ``amr``). It prints its issuer when it listens. A person signs in by posting ``login`` to
the address of the authorization request; with ``twist`` the ID token is spoiled in one way, which no honest provider does.
"""

import base64
import hashlib
import hmac
import json
import os
import sys
import time
from dataclasses import dataclass
from typing import Any

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # plain HTTP on the own machine

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import AuthorizationCodeMixin, ClientMixin
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc9207 import IssuerParameter
from authlib.oidc.core import UserInfo
from authlib.oidc.core.grants import OpenIDCode
from flask import Flask, Response, jsonify, request
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from werkzeug.serving import WSGIRequestHandler, make_server

SETTINGS: dict[str, Any] = json.loads(sys.argv[1])
KEY = ECKey.generate_key("P-256", {"kid": "provider-1", "use": "sig", "alg": "ES256"})
FOREIGN = ECKey.generate_key("P-256", {"kid": "provider-1", "use": "sig", "alg": "ES256"})
WEAK = RSAKey.generate_key(2048, {"kid": "provider-rsa", "use": "sig"})
PUBLISHED = [KEY, WEAK]
CODES: dict[str, "Code"] = {}
app = Flask(__name__)


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def unsigned(claims: dict[str, Any]) -> str:
    return f"{b64(json.dumps({'alg': 'none'}).encode())}.{b64(json.dumps(claims).encode())}."


def with_public_key(claims: dict[str, Any]) -> str:
    """HS256 under the text of the public key, the classic confusion (RFC 8725 section 2.1)."""
    head = b64(json.dumps({"alg": "HS256", "kid": "provider-1"}).encode())
    said = f"{head}.{b64(json.dumps(claims).encode())}"
    return f"{said}.{b64(hmac.new(KEY.as_pem(private=False), said.encode(), hashlib.sha256).digest())}"


def signed(claims: dict[str, Any], key: Any = KEY, **head: Any) -> str:
    header = {"alg": "ES256", "kid": "provider-1", **head}
    return jwt.encode(header, claims, key, [header["alg"]])


def rotated(claims: dict[str, Any]) -> str:
    """Under a key made this moment and published with it."""
    key = ECKey.generate_key("P-256", {"kid": f"provider-{time.time_ns()}", "use": "sig", "alg": "ES256"})
    PUBLISHED.insert(0, key)
    return signed(claims, key, kid=key.kid)


TWISTS: dict[str, Any] = {
    "": signed,
    "rotated": rotated,
    "nonce": lambda claims: signed({**claims, "nonce": "another"}),
    "no-nonce": lambda claims: signed({k: v for k, v in claims.items() if k != "nonce"}),
    "issuer": lambda claims: signed({**claims, "iss": claims["iss"] + "/"}),
    "audience": lambda claims: signed({**claims, "aud": "another-client"}),
    "audiences": lambda claims: signed({**claims, "aud": [*claims["aud"], "another-client"]}),
    "azp": lambda claims: signed({**claims, "azp": "another-client"}),
    "expired": lambda claims: signed({**claims, "iat": claims["iat"] - 900, "exp": claims["iat"] - 600}),
    "old": lambda claims: signed({**claims, "iat": claims["iat"] - 900}),
    "future": lambda claims: signed({**claims, "iat": claims["iat"] + 600, "exp": claims["iat"] + 900}),
    "text-exp": lambda claims: signed({**claims, "exp": str(claims["exp"])}),
    "no-subject": lambda claims: signed({k: v for k, v in claims.items() if k != "sub"}),
    "none": unsigned,
    "hs256": with_public_key,
    "rs256": lambda claims: signed(claims, WEAK, alg="RS256", kid="provider-rsa"),
    "key": lambda claims: signed(claims, FOREIGN),
    "unknown-kid": lambda claims: signed(claims, kid="provider-9"),
    "type": lambda claims: signed(claims, typ="at+jwt"),
    "jwk": lambda claims: signed(claims, jwk=KEY.as_dict(private=False)),
}


@dataclass
class Person:
    login: str
    twist: str

    def get_user_id(self) -> str:
        return self.login


@dataclass
class Code(AuthorizationCodeMixin):
    person: Person
    redirect_uri: str
    scope: str
    nonce: str | None
    code_challenge: str
    code_challenge_method: str

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str | None:
        return self.nonce

    def get_auth_time(self) -> int:
        return int(time.time())

    def get_acr(self) -> Any:
        return SETTINGS["people"][self.person.login].get("acr")

    def get_amr(self) -> Any:
        return SETTINGS["people"][self.person.login].get("amr")


class Client(ClientMixin):
    def get_client_id(self) -> str:
        return SETTINGS["client_id"]

    def get_default_redirect_uri(self) -> str:
        return SETTINGS["redirect_uri"]

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri == SETTINGS["redirect_uri"]

    def check_client_secret(self, client_secret: str) -> bool:
        return hmac.compare_digest(client_secret, SETTINGS["client_secret"])

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == ("client_assertion_jwt" if "client_jwk" in SETTINGS else "client_secret_basic")

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


class Grant(AuthorizationCodeGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic", "client_assertion_jwt"]

    def save_authorization_code(self, code: str, asked: Any) -> None:
        data = asked.payload.data
        CODES[code] = Code(
            asked.user, asked.payload.redirect_uri, asked.payload.scope, data.get("nonce"),
            data["code_challenge"], data["code_challenge_method"],
        )  # fmt: skip

    def query_authorization_code(self, code: str, client: Any) -> Code | None:
        return CODES.get(code)

    def delete_authorization_code(self, authorization_code: Code) -> None:
        for code, found in list(CODES.items()):
            if found is authorization_code:
                del CODES[code]

    def authenticate_user(self, authorization_code: Code) -> Person:
        return authorization_code.person


class Connect(OpenIDCode):
    def exists_nonce(self, nonce: str, asked: Any) -> bool:
        return any(code.nonce == nonce for code in CODES.values())

    def get_client_claims(self, client: Any) -> dict[str, Any]:
        return {"iss": issuer, "aud": [client.get_client_id()]}

    def get_client_algorithm(self, client: Any) -> str:
        return "ES256"

    def get_encode_header(self, client: Any) -> dict[str, str]:
        return {"alg": "ES256", "kid": "provider-1"}

    def resolve_client_private_key(self, client: Any) -> ECKey:
        return KEY

    def generate_user_info(self, user: Person, scope: str) -> UserInfo:
        return UserInfo(sub=f"u-{user.login}", name=user.login)

    def encode_id_token(self, token: Any, asked: Any) -> str:
        honest = super().encode_id_token(token, asked)
        twist = asked.user.twist
        return TWISTS[twist](jwt.decode(honest, KEY, ["ES256"]).claims) if twist else honest


class Assertion(JWTBearerClientAssertion):
    seen: set[str] = set()

    def get_audiences(self) -> list[str]:
        return [issuer]

    def validate_jti(self, claims: Any, jti: str) -> bool:
        new = jti not in self.seen
        self.seen.add(jti)
        return new

    def resolve_client_public_key(self, client: Any) -> ECKey:
        return ECKey.import_key(SETTINGS["client_jwk"])


class Issuer(IssuerParameter):
    def get_issuer(self) -> str:
        return issuer


@app.get("/.well-known/openid-configuration")
def describe() -> Response:
    return jsonify(
        issuer=issuer, authorization_endpoint=f"{issuer}/authorize", token_endpoint=f"{issuer}/token",
        jwks_uri=f"{issuer}/keys", end_session_endpoint=f"{issuer}/leave", response_types_supported=["code"],
        subject_types_supported=["public"], id_token_signing_alg_values_supported=["ES256"],
        authorization_response_iss_parameter_supported=True,
    )  # fmt: skip


@app.get("/keys")
def keys() -> Response:
    return jsonify(keys=[key.as_dict(private=False) for key in PUBLISHED])


@app.post("/authorize")
def authorize() -> Any:
    login = request.form.get("login", "")
    person = Person(login, request.form.get("twist", "")) if login in SETTINGS["people"] else None
    grant = server.get_consent_grant(end_user=person)
    return server.create_authorization_response(grant_user=person, grant=grant)


@app.post("/token")
def token() -> Any:
    return server.create_token_response()


class Quiet(WSGIRequestHandler):
    def log_request(self, *_: Any, **__: Any) -> None:
        """Nothing: standard output is for the issuer alone."""


server = AuthorizationServer(app, query_client=lambda id_: Client() if id_ == SETTINGS["client_id"] else None,
                             save_token=lambda token, asked: None)  # fmt: skip
server.register_grant(Grant, [Connect(require_nonce=True), CodeChallenge(required=True)])
server.register_client_auth_method(Assertion.CLIENT_AUTH_METHOD, Assertion())
server.register_extension(Issuer())
listening = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
issuer = f"http://127.0.0.1:{listening.port}"

if __name__ == "__main__":
    print(issuer, flush=True)  # noqa: T201
    listening.serve_forever()
