-- Whether holds of a date may leave single seats: 0 allow, 1 prefer, 2 refuse. Null where nobody has said, as always below level 5:
-- then it is 1.
ALTER TABLE schedules ADD COLUMN orphans BIGINT;
