-- Every right in the database, and the only file that grants any. Applied after each migration run.
-- gx_control: the control API. gx_exchange: calls to data. gx_integrator: orders the audit log. gx_reader: auditors.
-- gx_retention: archives records that may go, and asks the database to drop them.

GRANT USAGE ON SCHEMA storage TO gx_control, gx_exchange, gx_integrator, gx_reader, gx_retention;
GRANT SELECT ON storage.migration TO gx_control, gx_exchange, gx_integrator, gx_reader, gx_retention;
GRANT SELECT, INSERT ON storage.once TO gx_control, gx_retention;
GRANT SELECT, INSERT, UPDATE ON storage.lease TO gx_control;

-- identity: the control API keeps it; calls read only what proves a caller, never a private key.
GRANT USAGE ON SCHEMA identity TO gx_control, gx_exchange;
GRANT SELECT, INSERT ON identity.org TO gx_control;
GRANT SELECT, INSERT ON identity.person, identity.client, identity.client_key, identity.signing_key TO gx_control;
GRANT UPDATE (active, name) ON identity.person, identity.client TO gx_control;
GRANT UPDATE (revoked_at, certificate) ON identity.client_key TO gx_control;
GRANT UPDATE (active_from, retired_at, revoked_at) ON identity.signing_key TO gx_control;
GRANT SELECT, INSERT, DELETE ON identity.person_role, identity.assertion_seen TO gx_control;
GRANT SELECT, INSERT ON identity.client_certificate, identity.client_subject, identity.revocation_use TO gx_control;
GRANT UPDATE (revoked_at) ON identity.client_certificate TO gx_control;
GRANT SELECT, INSERT, DELETE ON identity.revocation_evidence TO gx_control;
GRANT SELECT ON identity.live_self_signed TO gx_control, gx_exchange;
GRANT SELECT ON identity.live_client TO gx_control, gx_exchange;
GRANT SELECT, INSERT, UPDATE ON identity.credential TO gx_control;
GRANT SELECT, INSERT, UPDATE, DELETE ON identity.invitation, identity.attempt TO gx_control;
GRANT SELECT, INSERT, DELETE ON identity.session TO gx_control;
GRANT SELECT, INSERT, DELETE ON identity.account, identity.ticket_used TO gx_control;
GRANT UPDATE (seen_at, ended_at, ended_because) ON identity.session TO gx_control;
GRANT SELECT (kid, public_jwk, active_from, retired_at, revoked_at) ON identity.signing_key TO gx_exchange;
GRANT SELECT, INSERT, UPDATE, DELETE ON identity.revocation TO gx_control;
GRANT SELECT, UPDATE ON identity.revocation_count TO gx_control;
GRANT SELECT ON identity.revocation, identity.revocation_count TO gx_exchange;
GRANT SELECT, INSERT ON identity.proof_seen, identity.proof_store TO gx_control, gx_exchange;
GRANT DELETE ON identity.proof_seen TO gx_control;

-- audit: who writes may not read, who orders may not change, who reads may do nothing else; nobody has UPDATE,
-- DELETE or TRUNCATE on the ledger and its heads
GRANT USAGE ON SCHEMA audit TO gx_control, gx_exchange, gx_integrator, gx_reader;
GRANT INSERT ON audit.inbox TO gx_control, gx_exchange;
-- for receipts with the answer: where a record stands and the hashes of the tree, which are public; nothing of what it says
GRANT SELECT (idx, recorded_at, cseq, pseq, event_id, leaf_hash) ON audit.ledger TO gx_exchange;
GRANT SELECT ON audit.tile, audit.node, audit.checkpoint, audit.cosignature, audit.reached TO gx_exchange;
GRANT SELECT, DELETE ON audit.inbox TO gx_integrator;
GRANT SELECT, INSERT, DELETE ON audit.batch TO gx_integrator;
GRANT SELECT, INSERT, UPDATE ON audit.counter TO gx_integrator;
GRANT SELECT, INSERT ON audit.ledger, audit.head, audit.checkpoint, audit.tile, audit.node TO gx_integrator;
GRANT SELECT, INSERT, UPDATE ON audit.rollup TO gx_integrator;
GRANT SELECT, UPDATE ON audit.rolled_up TO gx_integrator;
GRANT SELECT ON audit.rollup, audit.rolled_up TO gx_reader;
GRANT SELECT, INSERT, DELETE ON audit.saved_query TO gx_control;
-- exports: the control part keeps packs of what the reader's login read, encrypted; it takes pieces away, never an export
GRANT SELECT, INSERT ON audit.export TO gx_control;
GRANT UPDATE (
    state, records, rows, rows_done, bytes, pieces, plan, position, reason, attempts, next_at, leased_until, lease,
    finished_at, expires_at, wrapped_key, sha256, event_id, event_digest
) ON audit.export TO gx_control;
GRANT SELECT, INSERT, DELETE ON audit.export_piece TO gx_control;
GRANT EXECUTE ON FUNCTION audit.extend_ledger() TO gx_integrator;
GRANT SELECT ON audit.ledger, audit.head, audit.checkpoint, audit.tile, audit.node, audit.partition_map TO gx_reader;
GRANT SELECT, INSERT ON audit.cosignature, audit.stamp, audit.anchor, audit.reached TO gx_integrator;
GRANT SELECT ON audit.cosignature, audit.stamp, audit.anchor, audit.reached, audit.lateness TO gx_reader;
GRANT SELECT ON audit.standing TO gx_control, gx_exchange, gx_integrator, gx_reader;
GRANT SELECT, INSERT ON audit.lateness TO gx_control;

-- audit_keys: writers get the secrets of the present and no others; auditors' openings read them all.
GRANT USAGE ON SCHEMA audit_keys TO gx_control, gx_exchange, gx_reader;
GRANT EXECUTE ON FUNCTION audit_keys.present(text, date, text, bytea) TO gx_control, gx_exchange;
GRANT SELECT ON audit_keys.secret TO gx_reader;

GRANT SELECT ON audit.log TO gx_integrator, gx_reader;
GRANT SELECT, INSERT ON audit.verification TO gx_control;
GRANT SELECT ON audit.verification TO gx_reader;

-- siem: the control part sends records on; it reads them by the reader's login.
GRANT USAGE ON SCHEMA siem TO gx_control;
GRANT SELECT, INSERT, UPDATE ON siem.position TO gx_control;

-- alerts: the control part looks at the log; what was raised is never deleted.
GRANT USAGE ON SCHEMA alerts TO gx_control;
GRANT SELECT, INSERT ON alerts.alert TO gx_control;
GRANT UPDATE (last_at, times, last_event, acknowledged_at, acknowledged_by, note) ON alerts.alert TO gx_control;
GRANT SELECT, INSERT, UPDATE ON alerts.position TO gx_control;

-- retention: decides, archives and records; what is dropped or destroyed the database itself decides, in its functions.
GRANT USAGE ON SCHEMA audit, audit_keys TO gx_retention;
GRANT INSERT ON audit.inbox TO gx_retention;
GRANT SELECT ON audit.ledger, audit.head, audit.tile, audit.checkpoint, audit.partition_map, audit.rolled_up,
    audit.process_type TO gx_retention;
GRANT SELECT, INSERT ON audit.hold, audit.disposal TO gx_retention;
GRANT UPDATE (lifted_by, lifted_at, lifted_because) ON audit.hold TO gx_retention;
GRANT UPDATE (
    approved_by, approved_at, withdrawn_by, withdrawn_at, first, beyond, archive, archive_sha256, event_id, event_digest,
    recorded_id
) ON audit.disposal TO gx_retention;
GRANT EXECUTE ON FUNCTION audit.drop_partition(uuid), audit_keys.destroy(uuid) TO gx_retention;

-- attestation: the control API seals; nobody else may read the wrapped key.
GRANT USAGE ON SCHEMA attestation TO gx_control;
GRANT SELECT, INSERT ON attestation.seal_key TO gx_control;
GRANT UPDATE (retired_at) ON attestation.seal_key TO gx_control;

-- catalog: the control API keeps it; calls read the published description and mount.
GRANT USAGE ON SCHEMA catalog TO gx_control, gx_exchange;
GRANT SELECT, INSERT, UPDATE ON catalog.resource TO gx_control;
GRANT SELECT, INSERT, UPDATE, DELETE ON catalog.item_claim TO gx_control;
GRANT SELECT, INSERT, UPDATE ON catalog.element TO gx_control;
GRANT SELECT ON catalog.element_standing TO gx_control;
GRANT SELECT, INSERT ON catalog.edition TO gx_control;
GRANT SELECT, INSERT, UPDATE ON catalog.submission, catalog.change TO gx_control;
GRANT SELECT, INSERT, UPDATE, DELETE ON catalog.revision TO gx_control;
GRANT SELECT ON catalog.live_resource TO gx_control, gx_exchange;
GRANT SELECT (id, code, service, provider_org, name, sharing_class, state, version, description, mount, mount_secret,
    drafted_by, drafted_at, published_at, returned_because, withdrawn_because, clearance, ending, event_id, event_digest)
    ON catalog.resource TO gx_exchange;

-- supervision: the control API keeps it; calls know nothing of it.
GRANT USAGE ON SCHEMA supervision TO gx_control;
GRANT SELECT, INSERT, UPDATE ON supervision.clock, supervision.contact TO gx_control;
GRANT SELECT, INSERT ON supervision.step, supervision.breach, supervision.work_order TO gx_control;
GRANT SELECT, INSERT ON supervision.notification TO gx_control;
GRANT UPDATE (name, channel, target, attempts, next_at, state, last_error, sent_at) ON supervision.notification TO gx_control;
GRANT UPDATE (reason, reason_by, reason_at, ended_at, ended_as) ON supervision.breach TO gx_control;
GRANT UPDATE (answer, answered_by, answered_at, outcome, closed_by, closed_at, closed_with, version, event_id, event_digest)
    ON supervision.work_order TO gx_control;

-- authz: the control API keeps it; calls read grants and never change one.
GRANT USAGE ON SCHEMA authz TO gx_control, gx_exchange;
GRANT SELECT, INSERT, UPDATE ON authz.application, authz.data_grant TO gx_control;
GRANT SELECT, INSERT ON supervision.calendar_edition TO gx_control;
GRANT SELECT, INSERT ON authz.clock_act TO gx_control;
GRANT SELECT, INSERT, UPDATE ON authz.extension TO gx_control;
GRANT SELECT, INSERT ON authz.application_form TO gx_control;
GRANT SELECT, INSERT ON authz.standing_authorisation TO gx_control;
GRANT SELECT, INSERT ON authz.bulk_item TO gx_control;
GRANT UPDATE (ended_by, ended_at) ON authz.standing_authorisation TO gx_control;
GRANT SELECT ON authz.callable_grant TO gx_control, gx_exchange;
GRANT SELECT ON authz.data_grant TO gx_exchange;
GRANT SELECT (code, region) ON identity.org TO gx_exchange;

-- quality: the control API keeps doubts and notices.
GRANT USAGE ON SCHEMA quality TO gx_control, gx_exchange;
GRANT SELECT, INSERT, UPDATE ON quality.correction, quality.notice, quality.rating, quality.comparison TO gx_control;
GRANT SELECT, INSERT ON quality.comparison_run TO gx_control;

-- reports: the control API keeps who outside government gets data.
GRANT USAGE ON SCHEMA reports TO gx_control;
GRANT SELECT, INSERT, UPDATE ON reports.recipient, reports.equal_terms, reports.duty_list TO gx_control;

-- exchange: calls count what they use; the control API shows it.
GRANT USAGE ON SCHEMA exchange TO gx_control, gx_exchange;
GRANT SELECT, INSERT ON exchange.quota_day TO gx_exchange;
GRANT UPDATE (used, leased, lent, spaced_until) ON exchange.quota_day TO gx_exchange;
GRANT SELECT ON exchange.quota_day TO gx_control;
-- what is told of changes: whoever changes a grant, a client or a resource adds a row; calls read them and sweep old ones
GRANT INSERT ON exchange.change TO gx_control;
GRANT SELECT, DELETE ON exchange.change TO gx_exchange;

-- batches: calls keep them, the control API seals what is answered; both take the rows away, nobody a batch.
GRANT USAGE ON SCHEMA batches TO gx_control, gx_exchange;
GRANT SELECT, INSERT, UPDATE ON batches.batch TO gx_exchange;
GRANT SELECT ON batches.batch TO gx_control;
GRANT UPDATE (state, manifest, sha256, finished_at, expires_at, next_at, wanted, reason, event_id, event_digest)
    ON batches.batch TO gx_control;
GRANT SELECT, INSERT, DELETE ON batches.segment TO gx_exchange;
GRANT SELECT ON batches.segment TO gx_control;

-- subscriptions: the control API keeps and sends them; nothing is deleted but what messages carry.
GRANT USAGE ON SCHEMA subscriptions TO gx_control;
GRANT SELECT, INSERT ON subscriptions.subscription, subscriptions.change, subscriptions.message TO gx_control;
GRANT UPDATE (ended_at, event_id, event_digest) ON subscriptions.subscription TO gx_control;
GRANT UPDATE (
    content, state, attempts, next_at, last_error, delivered_at, claimed_by, claimed_at, result, words, answered_by,
    answered_at, reminded, event_id, event_digest
) ON subscriptions.message TO gx_control;

-- monitoring: the control API probes and judges; calls add to their figures and see nothing of the alarms.
GRANT USAGE ON SCHEMA monitoring TO gx_control, gx_exchange;
GRANT SELECT, INSERT, UPDATE ON monitoring.watch, monitoring.alarm, monitoring.hour TO gx_control;
GRANT DELETE ON monitoring.hour TO gx_control;
GRANT SELECT, INSERT, UPDATE ON monitoring.hour TO gx_exchange;
GRANT SELECT (resource_id, recent_ok, recent_caller, recent_gateway, recent_provider, recent_invalid),
    UPDATE (recent_ok, recent_caller, recent_gateway, recent_provider, recent_invalid, recent_note)
    ON monitoring.watch TO gx_exchange;

-- what follows from a grant: nothing is deleted, and of what was said only what is still open is written.
GRANT SELECT, INSERT ON authz.suspension, authz.service_change, authz.dispute, authz.complaint TO gx_control;
GRANT UPDATE (stage, escalated_at, referred_at, closed_at, outcome, version, event_id, event_digest)
    ON authz.dispute TO gx_control;
GRANT UPDATE (holder, redress, answer, answered_by, answered_at, version, event_id, event_digest)
    ON authz.complaint TO gx_control;
GRANT SELECT, INSERT ON authz.use_record, authz.disposal TO gx_control;
GRANT USAGE ON SEQUENCE authz.complaint_number TO gx_control;
GRANT UPDATE (answer, answered_by, answered_at, lifted_because, lifted_by, lifted_at) ON authz.suspension TO gx_control;
GRANT UPDATE (agrees, answer, answered_by, answered_at, filing, filed_by, filed_at, event_id, event_digest)
    ON authz.service_change TO gx_control;

-- sealing: the control API keeps it, calls read who holds a seal; histories, stamps and examinations are only ever added to.
GRANT USAGE ON SCHEMA sealing TO gx_control, gx_exchange;
GRANT SELECT (es_id, vid, org, status, registered_at) ON sealing.seal TO gx_exchange;
GRANT SELECT, INSERT ON sealing.seal, sealing.seal_change TO gx_control;
GRANT UPDATE (status, event_id, event_digest) ON sealing.seal TO gx_control;
GRANT SELECT, INSERT ON sealing.stamp, sealing.examination, sealing.evidence TO gx_control;
GRANT SELECT, INSERT ON authz.decision_document TO gx_control;
GRANT UPDATE (drafted_at, effective_at) ON authz.decision_document TO gx_control;

-- federation: the control part speaks to upper platforms, calls open the keys; nothing told is ever deleted.
GRANT USAGE ON SCHEMA federation TO gx_control, gx_exchange;
GRANT SELECT (platform, wrapped) ON federation.credential TO gx_exchange;
GRANT SELECT, INSERT, UPDATE ON federation.credential, federation.cascade, federation.class_fetch TO gx_control;
GRANT SELECT, INSERT, DELETE ON federation.class_code TO gx_control;
