-- Custom SQL migration file: what drizzle-kit does not know. The search index over every customer,
-- and the count of them, both kept by triggers in the statement that changes the record.
CREATE VIRTUAL TABLE customer_search USING fts5(
  text, content='', contentless_delete=1, detail=none, tokenize='trigram'
);
--> statement-breakpoint
CREATE TRIGGER customer_added AFTER INSERT ON customer BEGIN
  INSERT INTO customer_search (rowid, text) VALUES (new.ord, new.search_text);
  INSERT INTO customer_count (tenant_id, anonymous, n) VALUES (new.tenant_id, new.anonymous, 1)
    ON CONFLICT (tenant_id, anonymous) DO UPDATE SET n = n + 1;
END;
--> statement-breakpoint
CREATE TRIGGER customer_removed AFTER DELETE ON customer BEGIN
  DELETE FROM customer_search WHERE rowid = old.ord;
  UPDATE customer_count SET n = n - 1 WHERE tenant_id = old.tenant_id AND anonymous = old.anonymous;
END;
--> statement-breakpoint
CREATE TRIGGER customer_reworded AFTER UPDATE OF search_text ON customer
WHEN old.search_text <> new.search_text BEGIN
  DELETE FROM customer_search WHERE rowid = old.ord;
  INSERT INTO customer_search (rowid, text) VALUES (new.ord, new.search_text);
END;
--> statement-breakpoint
CREATE TRIGGER customer_promoted AFTER UPDATE OF anonymous ON customer
WHEN old.anonymous <> new.anonymous BEGIN
  UPDATE customer_count SET n = n - 1 WHERE tenant_id = old.tenant_id AND anonymous = old.anonymous;
  INSERT INTO customer_count (tenant_id, anonymous, n) VALUES (new.tenant_id, new.anonymous, 1)
    ON CONFLICT (tenant_id, anonymous) DO UPDATE SET n = n + 1;
END;
--> statement-breakpoint
-- What a row of the list shows of sessions, kept with the record: a page reads no session.
CREATE TRIGGER session_added AFTER INSERT ON session BEGIN
  UPDATE customer SET active = coalesce(active, 0) + (new.finished_at IS NULL),
    channels = CASE
      WHEN EXISTS (SELECT 1 FROM json_each(customer.channels) WHERE value = new.channel) THEN channels
      ELSE json_insert(coalesce(channels, '[]'), '$[#]', new.channel) END
  WHERE tenant_id = new.tenant_id AND id = new.customer_id;
END;
--> statement-breakpoint
CREATE TRIGGER session_finished AFTER UPDATE OF finished_at ON session
WHEN (old.finished_at IS NULL) <> (new.finished_at IS NULL) AND old.customer_id = new.customer_id BEGIN
  UPDATE customer SET active = coalesce(active, 0) + (new.finished_at IS NULL) - (old.finished_at IS NULL)
  WHERE tenant_id = new.tenant_id AND id = new.customer_id;
END;
--> statement-breakpoint
-- A merge or its undoing: both sides are counted anew. The plus keeps the planner from an index that
-- is in the order of channels, and all of the tenant.
CREATE TRIGGER session_moved AFTER UPDATE OF customer_id ON session
WHEN old.customer_id <> new.customer_id BEGIN
  UPDATE customer SET
    active = (SELECT count(*) FROM session
      WHERE tenant_id = customer.tenant_id AND customer_id = customer.id AND +finished_at IS NULL),
    channels = (SELECT json_group_array(DISTINCT +channel) FROM session
      WHERE tenant_id = customer.tenant_id AND customer_id = customer.id)
  WHERE tenant_id = new.tenant_id AND id IN (old.customer_id, new.customer_id);
END;
--> statement-breakpoint
-- Sessions are deleted with their customer only.
CREATE TRIGGER session_removed AFTER DELETE ON session WHEN old.finished_at IS NULL BEGIN
  UPDATE customer SET active = coalesce(active, 0) - 1
  WHERE tenant_id = old.tenant_id AND id = old.customer_id;
END;
--> statement-breakpoint
-- A record that comes back after its sessions.
CREATE TRIGGER customer_returned AFTER INSERT ON customer
WHEN EXISTS (SELECT 1 FROM session WHERE tenant_id = new.tenant_id AND customer_id = new.id) BEGIN
  UPDATE customer SET
    active = (SELECT count(*) FROM session
      WHERE tenant_id = new.tenant_id AND customer_id = new.id AND +finished_at IS NULL),
    channels = (SELECT json_group_array(DISTINCT +channel) FROM session
      WHERE tenant_id = new.tenant_id AND customer_id = new.id)
  WHERE ord = new.ord;
END;
