-- Who is a member of what; from 16 on, a membership also says whether it inherits and may be used by SET ROLE.
SELECT m.member, r.rolname AS role, g.rolname AS grantor, m.admin_option AS admin,
       true AS inherit, true AS "set"
FROM pg_auth_members m
JOIN pg_roles r ON r.oid = m.roleid
LEFT JOIN pg_roles g ON g.oid = m.grantor
ORDER BY m.member, r.rolname, g.rolname
