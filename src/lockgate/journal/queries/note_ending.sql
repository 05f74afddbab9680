INSERT INTO lockgate.ended_session (
  run_id, version, step, pid, role, application, state, transaction_seconds, query, reason
) VALUES (
  %(run_id)s, %(version)s, %(step)s, %(pid)s, %(user)s, %(application)s, %(state)s, %(seconds)s, %(query)s, %(reason)s
)
