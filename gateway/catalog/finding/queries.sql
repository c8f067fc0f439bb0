-- probe(terms, likes, from_code, below_code, seen_by, sees_all, after, looked_at)
-- the next entries in order, looked through: what is frequent fills a page from them; fewer than asked for are all
WITH near AS MATERIALIZED (
    SELECT id, code, terms, wording FROM catalog.resource
    WHERE code >= $3 AND code < $4 AND code > $7
        AND (state IN ('published', 'withdrawn') OR provider_org = $5 OR $6::boolean)
    ORDER BY code LIMIT $8
)
SELECT count(*) AS looked_at,
    array_agg(id ORDER BY code) FILTER (WHERE terms @> $1::text[] AND wording LIKE ALL ($2::text[])) AS found
FROM near;

-- search(terms, likes, from_code, below_code, seen_by, sees_all, after, count)
-- materialised so that the index on terms decides, not the order of codes; the words recheck the pairs' adjacency
WITH hits AS MATERIALIZED (
    SELECT id, code FROM catalog.resource
    WHERE terms @> $1::text[] AND wording LIKE ALL ($2::text[]) AND code >= $3 AND code < $4 AND code > $7
        AND (state IN ('published', 'withdrawn') OR provider_org = $5 OR $6::boolean)
)
SELECT id FROM hits ORDER BY code LIMIT $8;

-- page(ids)
-- what a page shows, once it is known which
SELECT id, provider_org, state, version, description, mount, mount_secret, drafted_by, drafted_at, published_at,
    returned_because, withdrawn_because, clearance, ending, event_id, event_digest
FROM catalog.resource WHERE id = ANY ($1::uuid[]) ORDER BY code;

-- count_browsed(from_code, below_code, seen_by, sees_all, most)
-- all facets in one pass over the index on codes, which holds their columns; the empty set is the total
WITH hits AS MATERIALIZED (
    SELECT provider_org, sharing_class, format, class_name, group_name, update_cycle, grade, open_to_public
    FROM catalog.resource
    WHERE code >= $1 AND code < $2 AND (state IN ('published', 'withdrawn') OR provider_org = $3 OR $4::boolean)
    LIMIT $5
)
SELECT counted.value, counted.mask, counted.count, o.name AS title
FROM (
    SELECT coalesce(provider_org, sharing_class, format, class_name, group_name, update_cycle, grade, open_to_public::text)
            AS value,
        grouping(provider_org, sharing_class, format, class_name, group_name, update_cycle, grade, open_to_public) AS mask,
        count(*) AS count
    FROM hits
    GROUP BY GROUPING SETS ((provider_org), (sharing_class), (format), (class_name), (group_name), (update_cycle), (grade),
        (open_to_public), ())
) AS counted
LEFT JOIN identity.org o ON o.code = counted.value
ORDER BY counted.count DESC, counted.value;

-- count_found(terms, likes, from_code, below_code, seen_by, sees_all, most)
-- as count_browsed, of what words and filters find by the index on terms
WITH hits AS MATERIALIZED (
    SELECT provider_org, sharing_class, format, class_name, group_name, update_cycle, grade, open_to_public
    FROM catalog.resource
    WHERE terms @> $1::text[] AND wording LIKE ALL ($2::text[]) AND code >= $3 AND code < $4
        AND (state IN ('published', 'withdrawn') OR provider_org = $5 OR $6::boolean)
    LIMIT $7
)
SELECT counted.value, counted.mask, counted.count, o.name AS title
FROM (
    SELECT coalesce(provider_org, sharing_class, format, class_name, group_name, update_cycle, grade, open_to_public::text)
            AS value,
        grouping(provider_org, sharing_class, format, class_name, group_name, update_cycle, grade, open_to_public) AS mask,
        count(*) AS count
    FROM hits
    GROUP BY GROUPING SETS ((provider_org), (sharing_class), (format), (class_name), (group_name), (update_cycle), (grade),
        (open_to_public), ())
) AS counted
LEFT JOIN identity.org o ON o.code = counted.value
ORDER BY counted.count DESC, counted.value;
