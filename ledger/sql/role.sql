-- The application's role is cluster-wide and may be made by two databases at once.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'loyalty_app') THEN CREATE ROLE loyalty_app; END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
DO $$
BEGIN
  IF NOT pg_has_role(current_user, 'loyalty_app', 'MEMBER') THEN GRANT loyalty_app TO CURRENT_USER; END IF;
END $$;
