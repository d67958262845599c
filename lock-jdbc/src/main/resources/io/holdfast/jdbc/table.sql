CREATE TABLE IF NOT EXISTS @TABLE@ (
    prefix   VARCHAR(200)  NOT NULL,
    name     VARCHAR(1600) NOT NULL,
    holder   VARCHAR(80),
    label    @TEXT@        NOT NULL,
    token    BIGINT        NOT NULL,
    since_us BIGINT        NOT NULL,
    until_us BIGINT        NOT NULL,
    past     VARCHAR(800)  NOT NULL,
    PRIMARY KEY (prefix, name)
)
