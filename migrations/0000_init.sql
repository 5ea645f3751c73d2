CREATE TABLE `agent_connection` (
	`tenant_id` text NOT NULL,
	`connection_id` text NOT NULL,
	`agent_id` text NOT NULL,
	PRIMARY KEY(`tenant_id`, `connection_id`, `agent_id`)
);
--> statement-breakpoint
CREATE INDEX `agent_connection_agent` ON `agent_connection` (`tenant_id`,`agent_id`);--> statement-breakpoint
CREATE TABLE `agent` (
	`tenant_id` text NOT NULL,
	`id` text NOT NULL,
	`name` text NOT NULL,
	`running` integer NOT NULL,
	`instructions` text NOT NULL,
	`model` text NOT NULL,
	`model_key` text,
	`result_fields` text NOT NULL,
	`handoff` text NOT NULL,
	`copilot` integer NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `id`)
);
--> statement-breakpoint
CREATE TABLE `audit` (
	`tenant_id` text NOT NULL,
	`id` text NOT NULL,
	`at` integer NOT NULL,
	`actor` text NOT NULL,
	`action` text NOT NULL,
	`subject` text NOT NULL,
	`detail` text NOT NULL,
	PRIMARY KEY(`tenant_id`, `id`)
);
--> statement-breakpoint
CREATE INDEX `audit_at` ON `audit` (`tenant_id`,`at`,`id`);--> statement-breakpoint
CREATE TABLE `connection` (
	`tenant_id` text NOT NULL,
	`id` text NOT NULL,
	`name` text NOT NULL,
	`channel` text NOT NULL,
	`state` text NOT NULL,
	`settings` text NOT NULL,
	`secrets` text NOT NULL,
	`secret_names` text NOT NULL,
	`base_url` text,
	`last_event_at` integer,
	`last_error` text,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `id`)
);
--> statement-breakpoint
CREATE UNIQUE INDEX `connection_id` ON `connection` (`id`);--> statement-breakpoint
CREATE TABLE `credential` (
	`id` text PRIMARY KEY NOT NULL,
	`account_id` text NOT NULL,
	`provider_id` text NOT NULL,
	`user_id` text NOT NULL,
	`access_token` text,
	`refresh_token` text,
	`id_token` text,
	`access_token_expires_at` integer,
	`refresh_token_expires_at` integer,
	`scope` text,
	`password` text,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `credential_user` ON `credential` (`user_id`);--> statement-breakpoint
CREATE TABLE `file` (
	`tenant_id` text NOT NULL,
	`id` text NOT NULL,
	`session_id` text NOT NULL,
	`name` text NOT NULL,
	`type` text NOT NULL,
	`size` integer NOT NULL,
	`sha256` text NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `id`)
);
--> statement-breakpoint
CREATE INDEX `file_session` ON `file` (`tenant_id`,`session_id`);--> statement-breakpoint
CREATE TABLE `invitation` (
	`id` text PRIMARY KEY NOT NULL,
	`tenant_id` text NOT NULL,
	`email` text NOT NULL,
	`role` text,
	`status` text NOT NULL,
	`expires_at` integer NOT NULL,
	`inviter_id` text NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `member` (
	`id` text PRIMARY KEY NOT NULL,
	`tenant_id` text NOT NULL,
	`user_id` text NOT NULL,
	`role` text NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `member_of` ON `member` (`tenant_id`,`user_id`);--> statement-breakpoint
CREATE INDEX `member_user` ON `member` (`user_id`);--> statement-breakpoint
CREATE TABLE `operator` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`email` text NOT NULL,
	`email_verified` integer NOT NULL,
	`image` text,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `operator_email_unique` ON `operator` (`email`);--> statement-breakpoint
CREATE TABLE `session` (
	`tenant_id` text NOT NULL,
	`id` text NOT NULL,
	`seq` integer NOT NULL,
	`customer_id` text NOT NULL,
	`customer_name` text NOT NULL,
	`contact` text NOT NULL,
	`connection_id` text NOT NULL,
	`channel` text NOT NULL,
	`agent_id` text NOT NULL,
	`agent_name` text NOT NULL,
	`mode` text NOT NULL,
	`operator_id` text,
	`operator_name` text,
	`handover_cause` text,
	`handover_reason` text,
	`waiting_since` integer,
	`started_at` integer NOT NULL,
	`finished_at` integer,
	`last_message_at` integer,
	`last_text` text NOT NULL,
	`last_by` text,
	`message_count` integer NOT NULL,
	`status` text NOT NULL,
	`campaign_id` text,
	`parameters` text NOT NULL,
	`results` text NOT NULL,
	`summary` text,
	`ip` text,
	`country` text,
	`city` text,
	`has_attachments` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `id`)
);
--> statement-breakpoint
CREATE INDEX `session_open` ON `session` (`tenant_id`,`finished_at`,`last_message_at`,`id`);--> statement-breakpoint
CREATE INDEX `session_customer` ON `session` (`tenant_id`,`customer_id`,`started_at`,`id`);--> statement-breakpoint
CREATE INDEX `session_started` ON `session` (`tenant_id`,`started_at`,`id`);--> statement-breakpoint
CREATE INDEX `session_channel` ON `session` (`tenant_id`,`channel`,`customer_id`,`finished_at`);--> statement-breakpoint
CREATE TABLE `sign_in` (
	`id` text PRIMARY KEY NOT NULL,
	`token` text NOT NULL,
	`user_id` text NOT NULL,
	`active_organization_id` text,
	`ip_address` text,
	`user_agent` text,
	`expires_at` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `sign_in_token_unique` ON `sign_in` (`token`);--> statement-breakpoint
CREATE INDEX `sign_in_user` ON `sign_in` (`user_id`);--> statement-breakpoint
CREATE TABLE `tenant` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`slug` text NOT NULL,
	`logo` text,
	`metadata` text,
	`time_zone` text DEFAULT 'UTC' NOT NULL,
	`plan` text DEFAULT 'free' NOT NULL,
	`statuses` text DEFAULT '["resolved"]' NOT NULL,
	`default_country` text DEFAULT 'US' NOT NULL,
	`product_url` text,
	`product_secret` text,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `tenant_slug_unique` ON `tenant` (`slug`);--> statement-breakpoint
CREATE TABLE `verification` (
	`id` text PRIMARY KEY NOT NULL,
	`identifier` text NOT NULL,
	`value` text NOT NULL,
	`expires_at` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `analysis_run` (
	`tenant_id` text NOT NULL,
	`id` text NOT NULL,
	`metrics` text NOT NULL,
	`filter` text NOT NULL,
	`agent_id` text NOT NULL,
	`dry` integer NOT NULL,
	`state` text NOT NULL,
	`cursor` text NOT NULL,
	`counts` text NOT NULL,
	`log` text NOT NULL,
	`created_by` text NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `id`)
);
--> statement-breakpoint
CREATE TABLE `campaign` (
	`tenant_id` text NOT NULL,
	`id` text NOT NULL,
	`name` text NOT NULL,
	`stages` text NOT NULL,
	`created_by` text NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `id`)
);
--> statement-breakpoint
CREATE TABLE `customer_alias` (
	`tenant_id` text NOT NULL,
	`alias_id` text NOT NULL,
	`customer_id` text NOT NULL,
	PRIMARY KEY(`tenant_id`, `alias_id`)
);
--> statement-breakpoint
CREATE INDEX `customer_alias_of` ON `customer_alias` (`tenant_id`,`customer_id`);--> statement-breakpoint
CREATE TABLE `customer_count` (
	`tenant_id` text NOT NULL,
	`anonymous` integer NOT NULL,
	`n` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `anonymous`)
);
--> statement-breakpoint
CREATE TABLE `customer` (
	`ord` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`tenant_id` text NOT NULL,
	`id` text NOT NULL,
	`name` text NOT NULL,
	`name_key` text NOT NULL,
	`email` text DEFAULT '' NOT NULL,
	`phone` text DEFAULT '' NOT NULL,
	`anonymous` integer NOT NULL,
	`search_text` text NOT NULL,
	`version` integer DEFAULT 1 NOT NULL,
	`created_at` integer NOT NULL,
	`last_communication_at` integer,
	`channels` text,
	`active` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `customer_id` ON `customer` (`tenant_id`,`id`);--> statement-breakpoint
CREATE INDEX `customer_recent` ON `customer` (`tenant_id`,`anonymous`,`last_communication_at`,`id`);--> statement-breakpoint
CREATE INDEX `customer_name` ON `customer` (`tenant_id`,`anonymous`,`name_key`,`id`);--> statement-breakpoint
CREATE INDEX `customer_email` ON `customer` (`tenant_id`,`anonymous`,`email`,`id`);--> statement-breakpoint
CREATE INDEX `customer_phone` ON `customer` (`tenant_id`,`anonymous`,`phone`,`id`);--> statement-breakpoint
CREATE INDEX `customer_created` ON `customer` (`tenant_id`,`anonymous`,`created_at`,`id`);--> statement-breakpoint
CREATE TABLE `field_change` (
	`tenant_id` text NOT NULL,
	`id` text NOT NULL,
	`customer_id` text NOT NULL,
	`field` text NOT NULL,
	`value` text NOT NULL,
	`before` text NOT NULL,
	`source` text NOT NULL,
	`actor` text NOT NULL,
	`session_id` text,
	`at` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `id`)
);
--> statement-breakpoint
CREATE INDEX `field_change_of` ON `field_change` (`tenant_id`,`customer_id`,`at`);--> statement-breakpoint
CREATE TABLE `field_suggestion` (
	`tenant_id` text NOT NULL,
	`customer_id` text NOT NULL,
	`field` text NOT NULL,
	`value` text NOT NULL,
	`source` text NOT NULL,
	`session_id` text,
	`at` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `customer_id`, `field`)
);
--> statement-breakpoint
CREATE TABLE `field_value` (
	`tenant_id` text NOT NULL,
	`customer_id` text NOT NULL,
	`field` text NOT NULL,
	`value` text NOT NULL,
	`key` text DEFAULT '' NOT NULL,
	`num` real,
	`verified` integer NOT NULL,
	`source` text NOT NULL,
	`session_id` text,
	`pinned` integer DEFAULT false NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `customer_id`, `field`)
);
--> statement-breakpoint
CREATE INDEX `field_value_key` ON `field_value` (`tenant_id`,`field`,`key`,`customer_id`);--> statement-breakpoint
CREATE INDEX `field_value_num` ON `field_value` (`tenant_id`,`field`,`num`,`customer_id`);--> statement-breakpoint
CREATE TABLE `field` (
	`tenant_id` text NOT NULL,
	`name` text NOT NULL,
	`title` text NOT NULL,
	`type` text NOT NULL,
	`options` text NOT NULL,
	`hidden` integer NOT NULL,
	`is_column` integer NOT NULL,
	`position` integer NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `name`)
);
--> statement-breakpoint
CREATE TABLE `identity` (
	`tenant_id` text NOT NULL,
	`kind` text NOT NULL,
	`value` text NOT NULL,
	`scope` text NOT NULL,
	`customer_id` text NOT NULL,
	`proof` text NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `kind`, `value`, `scope`, `customer_id`)
);
--> statement-breakpoint
CREATE INDEX `identity_customer` ON `identity` (`tenant_id`,`customer_id`,`kind`,`value`,`scope`);--> statement-breakpoint
CREATE TABLE `merge` (
	`tenant_id` text NOT NULL,
	`id` text NOT NULL,
	`survivor_id` text NOT NULL,
	`merged_id` text NOT NULL,
	`actor` text NOT NULL,
	`cause` text NOT NULL,
	`snapshot` text NOT NULL,
	`at` integer NOT NULL,
	`undone_at` integer,
	`undone_by` text,
	PRIMARY KEY(`tenant_id`, `id`)
);
--> statement-breakpoint
CREATE INDEX `merge_survivor` ON `merge` (`tenant_id`,`survivor_id`,`at`);--> statement-breakpoint
CREATE INDEX `merge_merged` ON `merge` (`tenant_id`,`merged_id`);--> statement-breakpoint
CREATE TABLE `metric` (
	`tenant_id` text NOT NULL,
	`id` text NOT NULL,
	`title` text NOT NULL,
	`prompt` text NOT NULL,
	`type` text NOT NULL,
	`options` text NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `id`)
);
--> statement-breakpoint
CREATE TABLE `participant` (
	`tenant_id` text NOT NULL,
	`campaign_id` text NOT NULL,
	`customer_id` text NOT NULL,
	`status` text NOT NULL,
	`stage` text,
	`data` text NOT NULL,
	`summary` text,
	`loaded_at` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `campaign_id`, `customer_id`)
);
--> statement-breakpoint
CREATE INDEX `participant_customer` ON `participant` (`tenant_id`,`customer_id`);--> statement-breakpoint
CREATE INDEX `participant_status` ON `participant` (`tenant_id`,`status`,`customer_id`);--> statement-breakpoint
CREATE INDEX `participant_stage` ON `participant` (`tenant_id`,`stage`,`customer_id`);--> statement-breakpoint
CREATE TABLE `possible_duplicate` (
	`tenant_id` text NOT NULL,
	`customer_id` text NOT NULL,
	`other_id` text NOT NULL,
	`kind` text NOT NULL,
	`value` text NOT NULL,
	`dismissed` integer DEFAULT false NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `customer_id`, `other_id`, `kind`, `value`)
);
--> statement-breakpoint
CREATE INDEX `possible_duplicate_other` ON `possible_duplicate` (`tenant_id`,`other_id`);--> statement-breakpoint
CREATE TABLE `product_fetch` (
	`tenant_id` text NOT NULL,
	`customer_id` text NOT NULL,
	`at` integer NOT NULL,
	`error` text,
	PRIMARY KEY(`tenant_id`, `customer_id`)
);
--> statement-breakpoint
CREATE TABLE `product` (
	`tenant_id` text NOT NULL,
	`customer_id` text NOT NULL,
	`campaign_id` text NOT NULL,
	`key` text NOT NULL,
	`name` text NOT NULL,
	`attributes` text NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `customer_id`, `campaign_id`, `key`)
);
--> statement-breakpoint
CREATE TABLE `saved_filter` (
	`tenant_id` text NOT NULL,
	`id` text NOT NULL,
	`owner_id` text NOT NULL,
	`name` text NOT NULL,
	`shared` integer NOT NULL,
	`is_default` integer DEFAULT false NOT NULL,
	`filter` text NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `id`)
);
--> statement-breakpoint
CREATE TABLE `tombstone` (
	`tenant_id` text NOT NULL,
	`hash` text NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `hash`)
);
--> statement-breakpoint
CREATE TABLE `upload_line` (
	`tenant_id` text NOT NULL,
	`upload_id` text NOT NULL,
	`line` integer NOT NULL,
	`outcome` text NOT NULL,
	`detail` text NOT NULL,
	`customer_id` text,
	PRIMARY KEY(`tenant_id`, `upload_id`, `line`)
);
--> statement-breakpoint
CREATE TABLE `upload` (
	`tenant_id` text NOT NULL,
	`id` text NOT NULL,
	`campaign_id` text NOT NULL,
	`file_name` text NOT NULL,
	`file_key` text NOT NULL,
	`mapping` text NOT NULL,
	`state` text NOT NULL,
	`offset` integer NOT NULL,
	`size` integer NOT NULL,
	`line` integer NOT NULL,
	`counts` text NOT NULL,
	`error` text,
	`created_by` text NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `id`)
);
--> statement-breakpoint
CREATE INDEX `upload_campaign` ON `upload` (`tenant_id`,`campaign_id`,`created_at`);