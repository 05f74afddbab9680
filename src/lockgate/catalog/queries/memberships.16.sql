-- Who is a member of what, with the options of each membership.
SELECT m.member, r.rolname AS role, g.rolname AS grantor, m.admin_option AS admin,
       m.inherit_option AS inherit, m.set_option AS "set"
FROM pg_auth_members m
JOIN pg_roles r ON r.oid = m.roleid
LEFT JOIN pg_roles g ON g.oid = m.grantor
ORDER BY m.member, r.rolname, g.rolname
