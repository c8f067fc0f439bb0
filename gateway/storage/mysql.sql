-- questions to a department's own MySQL or MariaDB, which writes its statements itself: it quotes names, and values are
-- hexadecimal literals, which no mode of the server reads as anything else

-- select_from(columns, schema_name, relation, conditions, rows)
-- columns are joined by commas, which no name of a mount holds; conditions as the blocks below give them
SELECT CONCAT(
    'SELECT `', REPLACE(REPLACE($1, '`', '``'), ',', '`, `'), '` FROM `', REPLACE($2, '`', '``'), '`.`', REPLACE($3, '`', '``'), '`',
    $4, ' LIMIT ', $5
);

-- select_page(columns, schema_name, relation, key_name, conditions, rows)
-- keyset by the key's own type; rows without a key stand first
SELECT CONCAT(
    'SELECT `', REPLACE(REPLACE($1, '`', '``'), ',', '`, `'), '`, CAST(`', REPLACE($4, '`', '``'), '` AS CHAR) FROM `',
    REPLACE($2, '`', '``'), '`.`', REPLACE($3, '`', '``'), '`', $5, ' ORDER BY `', REPLACE($4, '`', '``'), '` LIMIT ', $6
);

-- select_keyless(schema_name, relation, key_name, conditions)
-- whether rows have no key; keyset pages would pass over them
SELECT CONCAT(
    'SELECT EXISTS (SELECT 1 FROM `', REPLACE($1, '`', '``'), '`.`', REPLACE($2, '`', '``'), '`', $4, ' AND `',
    REPLACE($3, '`', '``'), '` IS NULL)'
);

-- select_newest(schema_name, relation, column_name)
-- the database quotes its own names
SELECT CONCAT(
    'SELECT MAX(`', REPLACE($3, '`', '``'), '`) FROM `', REPLACE($1, '`', '``'), '`.`', REPLACE($2, '`', '``'), '`'
);

-- equal(column_name, value)
-- the first comparison finds the index, the second compares byte by byte whatever the collation
SELECT CONCAT(
    ' AND `', REPLACE($1, '`', '``'), '` = CONVERT(X''', HEX($2), ''' USING utf8mb4) AND CAST(CONVERT(`',
    REPLACE($1, '`', '``'), '` USING utf8mb4) AS BINARY) = X''', HEX($2), ''''
);

-- beyond(key_name, value, kind)
-- in the key's own type: whole numbers beyond 2^53 would otherwise be compared as floating point
SELECT CONCAT(
    ' AND `', REPLACE($1, '`', '``'), '` > ', IF($3 = 'text', '', 'CAST('), 'CONVERT(X''', HEX($2), ''' USING utf8mb4)',
    CASE $3 WHEN 'whole' THEN ' AS DECIMAL(65, 0))' WHEN 'time' THEN ' AS DATETIME(6))' ELSE '' END
);

-- key_type(schema_name, relation, column_name)
-- what a keyset compares by
SELECT data_type FROM information_schema.columns WHERE table_schema = $1 AND table_name = $2 AND column_name = $3;

-- own_key(schema_name, relation)
-- the column that tells every row apart, the primary key's if it is one; a view has none
SELECT MIN(column_name) FROM information_schema.statistics
WHERE table_schema = $1 AND table_name = $2
GROUP BY index_name
HAVING COUNT(*) = 1 AND MAX(non_unique) = 0 AND MAX(nullable) = '' AND COUNT(sub_part) = 0
ORDER BY index_name = 'PRIMARY' DESC, index_name LIMIT 1;

-- may_write(schema_name, relation)
-- whether our login could change the relation if it tried; rights it has through roles are not seen here
SELECT CASE
    WHEN NOT EXISTS (SELECT 1 FROM information_schema.tables WHERE table_schema = $1 AND table_name = $2) THEN NULL
    ELSE EXISTS (
        SELECT 1 FROM (
            SELECT grantee, privilege_type FROM information_schema.user_privileges
            UNION ALL
            SELECT grantee, privilege_type FROM information_schema.schema_privileges WHERE $1 LIKE table_schema
            UNION ALL
            SELECT grantee, privilege_type FROM information_schema.table_privileges
            WHERE table_schema = $1 AND table_name = $2
            UNION ALL
            SELECT grantee, privilege_type FROM information_schema.column_privileges
            WHERE table_schema = $1 AND table_name = $2
        ) AS held
        WHERE privilege_type IN ('INSERT', 'UPDATE', 'DELETE', 'CREATE', 'DROP', 'ALTER', 'TRIGGER', 'SUPER', 'FILE')
            AND grantee = CONCAT('''', REPLACE(CURRENT_USER(), '@', '''@'''), '''')
    )
END;

-- readable_columns(schema_name, relation)
-- what our login may read of a relation; the catalogue tells it without touching a row
SELECT column_name FROM information_schema.columns
WHERE table_schema = $1 AND table_name = $2 AND privileges LIKE '%select%';

-- read_only()
-- of the session, in which every statement is a transaction of its own
SET SESSION TRANSACTION READ ONLY;

-- known_mode()
-- so that the driver's and our literals are read as they are meant
SET SESSION sql_mode = 'STRICT_ALL_TABLES';

-- mariadb_seconds(seconds)
-- the server ends what takes longer
SET SESSION max_statement_time = $1;

-- mysql_milliseconds(milliseconds)
-- the server ends what takes longer
SET SESSION max_execution_time = $1
