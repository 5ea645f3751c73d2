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
