"""Seals under recognised authorities (多 CA 互认): two authorities' seals count, a third's does not, nor a key out of policy."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from certifying import Pki, write_authority
from mint import DAY, Mint
from office import Office, codes
from sealing import new_key
from world import CONSUMER, File, running_world

from gateway.seals.authority import Wish, certify


async def test_seals_of_two_recognised_authorities_count_and_those_of_a_third_do_not(
    database: Any, tmp_path: Path
) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    one, two, third = (Mint.opened(tmp_path / kind, now, kind) for kind in ("sm2", "rsa", "p256"))
    uses = ["seal_signer", "seal_maker"]
    for name, mint, family in (("one", one, "SM2"), ("two", two, "RSA")):
        roots = [Pki(mint.root), Pki(mint.maker_root)]
        write_authority(tmp_path / "authorities", name, roots, uses=uses, algorithms=[family])
    folder = {"folder": str(tmp_path / "authorities")}
    async with running_world(database, certificates=folder, sealing={"trust_dir": None}) as world:
        office = Office(world, one, one.seal("自然资源局"), two.seal("自然资源局"))
        early = (await office.register(office.consumer, CONSUMER)).refused(422, "seal-refused")
        assert codes(early["steps"]) == [("S13", "NO_REVOCATION_INFO")]
        for mint in (one, two):
            for name in ("signers.crl", "makers.crl"):
                listed = File((mint.folder / name).read_bytes(), "application/pkix-crl")
                (await world.as_("security-admin", "POST", "/v1/revocation-evidence", listed)).ok()
        application = await office.filed()
        document = await office.document(application)
        for seal in (office.consumer, office.provider):
            (await office.register(seal, CONSUMER)).ok()
            filed = (await office.stamp(application, seal.stamp(document))).ok()
            assert (filed["verdict"], filed["counts"], len(filed["evidence"])) == ("valid", True, 2)
        stranger = (await office.register(third.seal("自然资源局"), CONSUMER)).refused(422, "seal-refused")
        assert ("S12", "NO_ANCHOR") in codes(stranger["steps"])

        span = (now - 300 * DAY, now + 300 * DAY)
        other_key = certify(Wish("自然资源局", *span), new_key("p256"), one.root)
        mixed = one.seal("自然资源局", signer=other_key)
        (await office.register(mixed, CONSUMER)).ok()
        filed = (await office.stamp(application, mixed.stamp(document))).ok()
        assert (filed["verdict"], filed["counts"]) == ("indeterminate", False)
        assert ("S5", "NO_ANCHOR") in codes(filed["steps"]), "P-256 is not accepted of this authority"
