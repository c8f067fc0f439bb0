-- catalogue_overdue(now)
-- P39-1: the clock of Art. 17 ran out
SELECT holder AS org, case_kind AS kind, case_id::text AS subject, due_at AS since FROM supervision.clock
WHERE rule = 'tl809.cat_update' AND (state = 'late' OR is_open AND due_at <= $1::timestamptz);

-- answer_late(now)
-- P39-4: a clock of Art. 21 or 22 ran out
SELECT DISTINCT ON (case_id) holder AS org, case_kind AS kind, case_id::text AS subject, due_at AS since
FROM supervision.clock
WHERE rule IN ('tl809.reply_uncond', 'tl809.reply_cond', 'tl809.share')
    AND (state = 'late' OR is_open AND due_at <= $1::timestamptz)
ORDER BY case_id, due_at;

-- correction_late(now)
-- P39-6: the clock of Art. 26 ran out
SELECT holder AS org, case_kind AS kind, case_id::text AS subject, due_at AS since FROM supervision.clock
WHERE rule = 'tl809.correct' AND (state = 'late' OR is_open AND due_at <= $1::timestamptz);

-- ended_unfiled(now)
-- P39-7: a resource was withdrawn under a grant in force, and nobody had filed it (Art. 27)
SELECT g.provider_org AS org, 'grant' AS kind, g.id::text AS subject, g.issued_at AS since
FROM authz.data_grant g JOIN catalog.resource r ON r.id = g.resource_id
WHERE r.state = 'withdrawn' AND g.state IN ('active', 'suspended')
    AND g.valid_until >= ($1::timestamptz AT TIME ZONE 'Asia/Shanghai')::date
    AND NOT EXISTS (SELECT FROM authz.service_change c WHERE c.grant_id = g.id AND c.kind = 'end' AND c.filed_at IS NOT NULL);

-- beyond_scope(now)
-- R40-2: a suspension on this ground, lifted or not
SELECT g.consumer_org AS org, 'grant' AS kind, g.id::text AS subject, min(s.suspended_at) AS since
FROM authz.suspension s JOIN authz.data_grant g ON g.id = s.grant_id
WHERE s.ground IN ('beyond_scope', 'beyond_purpose') AND s.suspended_at <= $1::timestamptz
GROUP BY g.consumer_org, g.id;

-- third_party(now)
-- R40-3: a suspension on this ground, lifted or not
SELECT g.consumer_org AS org, 'grant' AS kind, g.id::text AS subject, min(s.suspended_at) AS since
FROM authz.suspension s JOIN authz.data_grant g ON g.id = s.grant_id
WHERE s.ground = 'third_party' AND s.suspended_at <= $1::timestamptz
GROUP BY g.consumer_org, g.id;

-- not_disposed(now)
-- R40-4: data was had, the grant is over or has expired, and no disposal is on record
SELECT g.consumer_org AS org, 'grant' AS kind, g.id::text AS subject,
    coalesce(g.over_at, (g.valid_until + 1)::timestamp AT TIME ZONE 'Asia/Shanghai') AS since
FROM authz.data_grant g
WHERE (g.over_at IS NOT NULL OR g.valid_until < ($1::timestamptz AT TIME ZONE 'Asia/Shanghai')::date)
    AND EXISTS (SELECT FROM exchange.quota_day q WHERE q.grant_id = g.id)
    AND NOT EXISTS (SELECT FROM authz.disposal d WHERE d.grant_id = g.id);

-- use_unrecorded(now, use_days)
-- R40-5: so many days after a call no use record covers its day
SELECT g.consumer_org AS org, 'grant' AS kind, g.id::text AS subject,
    min(q.day)::timestamp AT TIME ZONE 'Asia/Shanghai' AS since
FROM authz.data_grant g JOIN exchange.quota_day q ON q.grant_id = g.id
WHERE q.day + $2::integer < ($1::timestamptz AT TIME ZONE 'Asia/Shanghai')::date
    AND NOT EXISTS (SELECT FROM authz.use_record u WHERE u.grant_id = g.id AND q.day BETWEEN u.begins AND u.ends)
GROUP BY g.consumer_org, g.id;

-- unsafe(now)
-- R40-6: a suspension on this ground, lifted or not
SELECT g.consumer_org AS org, 'grant' AS kind, g.id::text AS subject, min(s.suspended_at) AS since
FROM authz.suspension s JOIN authz.data_grant g ON g.id = s.grant_id
WHERE s.ground = 'security' AND s.suspended_at <= $1::timestamptz
GROUP BY g.consumer_org, g.id;

-- source_unnamed(now, platform)
-- A41-1: two departments claim one item, and the authority has named no source (Art. 19)
SELECT $2::text AS org, 'element' AS kind, s.code AS subject, max(c.claimed_at) AS since
FROM catalog.element_standing s JOIN catalog.item_claim c ON c.element_id = s.id
WHERE s.standing = 'open' AND c.claimed_at <= $1::timestamptz
GROUP BY s.code;

-- dispute_idle(now)
-- A41-2: the authority's own clock of a dispute ran out
SELECT holder AS org, case_kind AS kind, case_id::text AS subject, due_at AS since FROM supervision.clock
WHERE rule IN ('local.coordinate', 'local.decide') AND (state = 'late' OR is_open AND due_at <= $1::timestamptz);
