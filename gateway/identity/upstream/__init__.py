"""Sign-in through identity providers of upper levels (省、国家统一身份认证): OpenID Connect Core 1.0, code flow.

Vocabulary: a *provider* vouches for people; its *subject* is its own name of a person; an *account* is the link from
(issuer, subject) to a person of ours, made by a security administrator and never by name or mail. A *ticket* is sealed and
kept by whoever began a sign-in: without it an answer of the provider is worth nothing, so nobody is signed in as somebody
else by a link (RFC 9700 section 4.7). Invariants: PKCE, state and nonce always; one redirect address per provider and the
``iss`` parameter (RFC 9207) against mix-up; ID tokens pass the gateway's own strict JOSE rules.
"""
