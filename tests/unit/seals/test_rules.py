"""Every rule by which a seal, a certificate path or a signed document is refused, and the tests that show it.

The table is the list of what must not pass; the test below it sees to it that no entry names a test that is gone.
"""

import ast
from functools import cache
from pathlib import Path

import pytest

RULES: dict[str, dict[str, tuple[str, ...]]] = {
    "SM2": {
        "the id is set before the digest; the default id is not the empty one": ("sm2::test_every_known_answer_is_given",),
        "a signature of another id": (
            "sm2::test_a_new_key_signs_and_only_its_own_id_verifies",
            "openssl::test_a_certificate_of_sm2_signed_under_another_id_is_invalid",
        ),
        "ids beyond 128 bytes": ("sm2::test_an_id_without_bounds_is_refused",),
        "infinity, compressed or hybrid points, other curves, trailing bytes": ("sm2::test_a_malformed_key_is_refused",),
        "r or s of 0, n, beyond n, negative; long lengths, padding, trailing bytes": (
            "sm2::test_a_malformed_signature_is_refused",
            "sm2::test_random_signatures_never_verify",
        ),
        "r‖s of another length than 64, or that is DER": ("sm2::test_raw_signatures_become_der_only_at_exactly_64_bytes",),
        "no libcrypto: unavailable, nothing in its place": (
            "sm2::test_without_libcrypto_sm2_is_unavailable_and_says_so",
            "verification::test_without_anchors_lists_or_engine_the_answer_is_indeterminate",
        ),
    },
    "certificate paths": {
        "an anchor of another purpose": ("verification::test_a_broken_stamp_is_never_valid_and_the_right_step_says_why",),
        "the time of another zone": ("never_lenient::test_an_aware_time_is_the_same_instant_in_every_zone",),
        "more than 8 certificates, more than 5 steps": (
            "never_lenient::test_a_path_of_too_many_steps_or_certificates_is_refused",
        ),
        "a leaf that is a CA, signs certificates, or may not sign at all": (
            "verification::test_a_broken_stamp_is_never_valid_and_the_right_step_says_why",
        ),
        "a repeated or unknown critical extension": (
            "verification::test_a_broken_stamp_is_never_valid_and_the_right_step_says_why",
        ),
        "an inner algorithm other than the outer": (
            "never_lenient::test_an_inner_and_outer_algorithm_that_differ_are_refused",
        ),
        "a key that is labelled as another": (
            "mixed_keys::test_a_p256_authority_that_says_sm2_is_invalid",
            "mixed_keys::test_a_stamp_that_says_another_algorithm_than_its_key_is_invalid",
        ),
        "SM2 below RSA and the inverse: accepted": ("mixed_keys::test_an_authority_may_certify_keys_of_another_kind",),
        "an intermediate without its list": ("mixed_keys::test_an_intermediate_needs_its_own_revocation_list",),
    },
    "revocation lists": {
        "a signature that does not verify; nextUpdate past": ("verification::test_a_list_that_proves_nothing_is_unknown",),
        "another issuer, no nextUpdate, a falling number": (
            "never_lenient::test_a_list_without_next_update_or_with_a_falling_number_proves_nothing",
        ),
        "indirect, of some reasons, unknown critical extensions": (
            "never_lenient::test_a_list_of_some_reasons_indirect_or_not_understood_is_refused",
        ),
    },
    "formats": {
        "indefinite or long lengths, trailing bytes, unknown versions, shape against header": (
            "verification::test_what_is_not_the_format_is_refused",
        ),
        "fields in another order, numbers too large, BIT STRINGs that end inside a byte, digests of another length or name, "
        "UTCTime in version 4, version 1 around version 4": (
            "never_lenient::test_a_form_that_is_not_the_standards_is_refused_as_format",
        ),
        "SHA-1, MD5, unknown algorithms, the OID without a 1": (
            "never_lenient::test_another_algorithm_than_sm2_with_sm3_is_refused_for_an_sm2_key",
            "national_cms::test_the_keyed_sm3_sha1_and_md5_are_refused",
        ),
        "a hash with Z before the document": (
            "never_lenient::test_a_hash_with_the_signers_z_before_the_document_is_not_the_documents",
        ),
        "a seal signed in the form of version 1, but for a policy": (
            "verification::test_a_seal_signed_in_the_form_of_version_1_is_accepted_by_policy_only",
        ),
        "a timestamp in a seal before version 5": (
            "never_lenient::test_a_seal_of_version_5_alone_carries_a_timestamp_in_the_seal",
        ),
        "what is tolerated is recorded": (
            "verification::test_the_forms_of_the_field_are_recorded_and_never_silent",
            "mixed_keys::test_a_raw_signature_value_is_accepted_and_recorded",
        ),
    },
    "steps": {
        "S0 containers: size, entries, ratio, ways out, duplicate names; XML with DTD or entities": (
            "ofd::test_a_container_beyond_the_limits_is_refused",
            "ofd::test_xml_beyond_the_limits_is_refused",
            "ofd::test_references_stay_inside",
        ),
        "S3, S5, S7, S8, S12, S14: maker and signer swapped, unlisted, expired, moved": (
            "verification::test_a_broken_stamp_is_never_valid_and_the_right_step_says_why",
            "verification::test_one_changed_byte_of_a_stamp_is_never_valid",
        ),
        "S4: no timestamp where one is asked for, or one that is none": (
            "never_lenient::test_a_policy_that_asks_for_proven_time_leaves_a_claimed_one_open",
            "never_lenient::test_bytes_that_are_no_timestamp_do_not_prove_a_time",
            "openssl::test_a_stamp_by_keys_of_openssl_with_its_timestamp_is_valid_and_proven",
        ),
        "S7: the certificate outside the signed bytes exchanged": (
            "never_lenient::test_the_certificate_of_version_4_lies_outside_the_signed_bytes_and_is_bound_by_the_list",
        ),
        "S8 without the document": ("verification::test_without_the_document_nobody_says_valid",),
        "S9, S15, S16": (
            "verification::test_the_seals_status_and_copy_and_the_named_part_are_compared_when_known",
        ),
        "S10: a dropped, changed, doubled or uncovered reference": (
            "ofd::test_a_broken_document_is_invalid_and_the_right_step_says_why",
            "ofd::test_any_changed_file_spoils_the_document",
        ),
        "S17: a genuine seal of another department": (
            "verification::test_a_genuine_seal_of_another_department_is_refused",
        ),
    },
    "time and revocation": {
        "revoked before, at, after without proof": ("verification::test_the_table_of_time_and_revocation",),
        "a maker revoked": ("verification::test_a_revoked_maker_spoils_the_seal",),
        "expired since: valid, and it says so": (
            "verification::test_what_expired_after_the_signature_stays_valid_and_says_so",
        ),
        "no list, no anchor, no engine: never valid": (
            "verification::test_without_anchors_lists_or_engine_the_answer_is_indeterminate",
        ),
    },
    "CMS and PDF": {
        "another digest, content type, signature, document": (
            "national_cms::test_a_signature_over_something_else_is_invalid",
            "national_cms::test_both_forms_are_valid_for_their_document_only",
            "openssl::test_cms_of_openssl_is_valid_and_its_twins_are_not",
        ),
        "an SM2 key under an RSA algorithm": ("national_cms::test_an_sm2_key_with_the_algorithm_of_rsa_is_refused",),
        "structures made to be walked forever": (
            "mixed_keys::test_structures_made_to_be_walked_forever_are_refused_at_once",
        ),
        "bytes after the last signature; an earlier signature": (
            "pdf::test_bytes_after_the_signature_are_a_change_nobody_signed",
            "pdf::test_of_two_signatures_the_earlier_is_left_undecided",
        ),
        "a range that leaves out more than the signature": (
            "pdf::test_a_range_that_leaves_out_more_than_the_signature_is_refused",
        ),
        "a reader that does not come back": ("pdf::test_a_reader_that_does_not_come_back_is_killed",),
    },
    "random bytes": {
        "certificates, lists, CMS, timestamps": (
            "fuzz::test_a_broken_certificate_is_refused_or_leads_nowhere",
            "fuzz::test_a_broken_list_never_clears_a_certificate",
            "fuzz::test_a_broken_cms_signature_is_never_valid",
            "fuzz::test_random_bytes_are_no_signed_data_and_no_timestamp",
        ),
        "seals and stamps": (
            "verification::test_mangled_bytes_never_crash_and_never_pass",
            "verification::test_random_bytes_are_refused",
            "fuzz::test_a_broken_seal_is_never_valid_alone_nor_inside_a_stamp",
            "fuzz::test_any_sequence_is_read_or_refused_as_format",
        ),
        "OFD and XML": (
            "fuzz::test_a_broken_container_is_valid_only_with_the_same_files_in_it",
            "fuzz::test_random_containers_are_refused",
            "fuzz::test_any_text_is_xml_or_refused",
        ),
        "PDF": ("pdf::test_a_mangled_document_is_read_or_refused", "pdf::test_a_mangled_document_is_never_valid"),
        "statements of the gateway": ("statement::test_a_changed_document_is_never_accepted_as_another_statement",),
    },
}  # fmt: skip


@cache
def names_in(module: str) -> frozenset[str]:
    """The names of the tests in a module beside this one."""
    source = (Path(__file__).parent / f"test_{module}.py").read_text("utf-8")
    return frozenset(node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("subject", RULES)
def test_every_rule_has_tests_and_they_are_there(subject: str) -> None:
    for rule, named in RULES[subject].items():
        assert named, rule
        for each in named:
            module, _, name = each.partition("::")
            assert name in names_in(module), f"{rule}: {each} is gone"
