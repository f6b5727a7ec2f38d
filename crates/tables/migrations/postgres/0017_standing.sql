-- Places to stand: those of a section are alike.
ALTER TABLE seats ADD COLUMN standing BIGINT NOT NULL DEFAULT 0;
