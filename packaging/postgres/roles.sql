-- Roles for audits in PostgreSQL 13 or later, each with no more than it needs. Run it once, in the database of the audits, as a user who may
-- make roles and schemas, before `sealcheck audit init`; to run it again changes nothing:
--
--     createdb audits
--     psql -d audits -v ON_ERROR_STOP=1 -f roles.sql
--
-- None of the three may log in. Give them to users who may:
--
--     CREATE ROLE audit_admin LOGIN IN ROLE sealcheck_audit_owner;    -- audit init, and again after each upgrade
--     ALTER ROLE audit_admin SET role = sealcheck_audit_owner;        -- so that what it makes belongs to the role
--     CREATE ROLE audit_worker LOGIN IN ROLE sealcheck_audit_worker;  -- audit add, work, rejudge, retry
--     CREATE ROLE grafana LOGIN IN ROLE sealcheck_audit_reader;       -- audit status, report, diff, and dashboards

DO $$
DECLARE
  wanted text;
BEGIN
  FOREACH wanted IN ARRAY ARRAY['sealcheck_audit_owner', 'sealcheck_audit_worker', 'sealcheck_audit_reader'] LOOP
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = wanted) THEN
      EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
    END IF;
  END LOOP;
END
$$;

-- The tables and views, and those of pg-boss. With schemas that are there, the owner needs no right to make any.
CREATE SCHEMA IF NOT EXISTS sealcheck_audit;
CREATE SCHEMA IF NOT EXISTS sealcheck_audit_queue;
ALTER SCHEMA sealcheck_audit OWNER TO sealcheck_audit_owner;
ALTER SCHEMA sealcheck_audit_queue OWNER TO sealcheck_audit_owner;
GRANT USAGE ON SCHEMA sealcheck_audit, sealcheck_audit_queue TO sealcheck_audit_worker, sealcheck_audit_reader;

-- What the owner makes, now and in later versions.
ALTER DEFAULT PRIVILEGES FOR ROLE sealcheck_audit_owner IN SCHEMA sealcheck_audit
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO sealcheck_audit_worker;
ALTER DEFAULT PRIVILEGES FOR ROLE sealcheck_audit_owner IN SCHEMA sealcheck_audit_queue
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO sealcheck_audit_worker;
ALTER DEFAULT PRIVILEGES FOR ROLE sealcheck_audit_owner IN SCHEMA sealcheck_audit
  GRANT SELECT ON TABLES TO sealcheck_audit_reader;
ALTER DEFAULT PRIVILEGES FOR ROLE sealcheck_audit_owner IN SCHEMA sealcheck_audit_queue
  GRANT SELECT ON TABLES TO sealcheck_audit_reader;

-- If `audit init` came first.
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA sealcheck_audit, sealcheck_audit_queue TO sealcheck_audit_worker;
GRANT SELECT ON ALL TABLES IN SCHEMA sealcheck_audit, sealcheck_audit_queue TO sealcheck_audit_reader;
