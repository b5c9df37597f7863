CREATE SCHEMA flow_frozen;
CREATE FUNCTION flow_frozen.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'rows of % never change', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'; END $$;
CREATE TABLE flow_frozen.annotations (
    item_id bigint NOT NULL,
    key text NOT NULL COLLATE pg_catalog."C",
    value text NOT NULL COLLATE pg_catalog."C",
    text text COLLATE pg_catalog."C",
    number numeric
);
CREATE TABLE flow_frozen.changes (
    id bigint NOT NULL,
    kind text NOT NULL COLLATE pg_catalog."C",
    "user" text NOT NULL COLLATE pg_catalog."C",
    at text NOT NULL COLLATE pg_catalog."C",
    note text NOT NULL COLLATE pg_catalog."C",
    undoes bigint,
    first_row bigint NOT NULL,
    rows bigint NOT NULL,
    body text NOT NULL COLLATE pg_catalog."C",
    previous text NOT NULL COLLATE pg_catalog."C",
    sha256 text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE flow_frozen.claims (
    fingerprint text NOT NULL COLLATE pg_catalog."C",
    run text NOT NULL COLLATE pg_catalog."C",
    host text NOT NULL COLLATE pg_catalog."C",
    boot_id text NOT NULL COLLATE pg_catalog."C",
    pid bigint NOT NULL,
    process_started double precision NOT NULL,
    claimed text NOT NULL COLLATE pg_catalog."C",
    renewed text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE flow_frozen.contents (
    id bigint NOT NULL,
    sha256 text NOT NULL COLLATE pg_catalog."C",
    size bigint NOT NULL,
    is_folder boolean NOT NULL
);
CREATE TABLE flow_frozen.corrections (
    item_id bigint NOT NULL,
    info text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE flow_frozen.datasets (
    id bigint NOT NULL,
    name text NOT NULL COLLATE pg_catalog."C",
    run_id bigint,
    node text COLLATE pg_catalog."C",
    port text COLLATE pg_catalog."C",
    CONSTRAINT datasets_check CHECK (((run_id IS NULL) = (port IS NULL)))
);
CREATE TABLE flow_frozen.edge_executions (
    job_id bigint NOT NULL,
    n integer NOT NULL,
    edge_id bigint NOT NULL,
    item_id bigint NOT NULL
);
CREATE TABLE flow_frozen.edges (
    id bigint NOT NULL,
    run_id bigint NOT NULL,
    edge text NOT NULL COLLATE pg_catalog."C",
    port text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE flow_frozen.exclusions (
    item_id bigint NOT NULL,
    reason text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE flow_frozen.fingerprints (
    id bigint NOT NULL,
    sha256 text NOT NULL COLLATE pg_catalog."C",
    parts text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE flow_frozen.item_changes (
    id bigint NOT NULL,
    change_id bigint NOT NULL,
    item_id bigint NOT NULL,
    aspect text NOT NULL COLLATE pg_catalog."C",
    key text NOT NULL COLLATE pg_catalog."C",
    old text COLLATE pg_catalog."C",
    new text COLLATE pg_catalog."C"
);
CREATE TABLE flow_frozen.items (
    id bigint NOT NULL,
    uuid text NOT NULL COLLATE pg_catalog."C",
    dataset_id bigint NOT NULL,
    content_id bigint NOT NULL,
    location_id bigint,
    job_id bigint,
    source text COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    selector text NOT NULL COLLATE pg_catalog."C",
    part text NOT NULL COLLATE pg_catalog."C",
    info text NOT NULL COLLATE pg_catalog."C",
    first_annotations text NOT NULL COLLATE pg_catalog."C",
    kind text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    format text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    CONSTRAINT one_origin CHECK (((job_id IS NULL) <> (source IS NULL)))
);
CREATE TABLE flow_frozen.jobs (
    id bigint NOT NULL,
    uuid text NOT NULL COLLATE pg_catalog."C",
    run_id bigint NOT NULL,
    node text NOT NULL COLLATE pg_catalog."C",
    tool text NOT NULL COLLATE pg_catalog."C",
    state text NOT NULL COLLATE pg_catalog."C",
    fingerprint_id bigint NOT NULL,
    runtime_id bigint NOT NULL,
    parameters text NOT NULL COLLATE pg_catalog."C",
    command text NOT NULL COLLATE pg_catalog."C",
    started text COLLATE pg_catalog."C",
    elapsed_s double precision NOT NULL,
    cpu_s double precision,
    peak_memory bigint,
    exit_code integer,
    log text NOT NULL COLLATE pg_catalog."C",
    cause text COLLATE pg_catalog."C",
    message text NOT NULL COLLATE pg_catalog."C",
    reused_from bigint,
    record_n integer NOT NULL,
    attempt integer DEFAULT 1 NOT NULL,
    superseded_by bigint,
    declared_in bigint,
    units text DEFAULT '{}'::text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE flow_frozen.keys (
    id bigint NOT NULL,
    name text NOT NULL COLLATE pg_catalog."C",
    type text NOT NULL COLLATE pg_catalog."C",
    unit text NOT NULL COLLATE pg_catalog."C",
    description text NOT NULL COLLATE pg_catalog."C",
    choices text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE flow_frozen.locations (
    id bigint NOT NULL,
    content_id bigint NOT NULL,
    path text NOT NULL COLLATE pg_catalog."C",
    size bigint NOT NULL,
    mtime_ns bigint NOT NULL,
    inode text NOT NULL COLLATE pg_catalog."C",
    verify_sha256 text NOT NULL COLLATE pg_catalog."C",
    is_referenced boolean NOT NULL,
    state text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE flow_frozen.meta (
    key text NOT NULL COLLATE pg_catalog."C",
    value text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE flow_frozen.records (
    run_id bigint NOT NULL,
    n integer NOT NULL,
    kind text NOT NULL COLLATE pg_catalog."C",
    body text NOT NULL COLLATE pg_catalog."C",
    previous text NOT NULL COLLATE pg_catalog."C",
    sha256 text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE flow_frozen.runs (
    id bigint NOT NULL,
    uuid text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    folder text NOT NULL COLLATE pg_catalog."C",
    workflow_id text NOT NULL COLLATE pg_catalog."C",
    workflow_sha256 text NOT NULL COLLATE pg_catalog."C",
    workflow_text text NOT NULL COLLATE pg_catalog."C",
    bindings text NOT NULL COLLATE pg_catalog."C",
    machine text NOT NULL COLLATE pg_catalog."C",
    started text NOT NULL COLLATE pg_catalog."C",
    state text NOT NULL COLLATE pg_catalog."C",
    ended text COLLATE pg_catalog."C",
    elapsed_s double precision
);
CREATE TABLE flow_frozen.runtimes (
    id bigint NOT NULL,
    name text NOT NULL COLLATE pg_catalog."C",
    identity text NOT NULL COLLATE pg_catalog."C",
    detail text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE flow_frozen.still_valid (
    id bigint NOT NULL,
    change_id bigint NOT NULL,
    fingerprint text NOT NULL COLLATE pg_catalog."C",
    job_id bigint NOT NULL
);
INSERT INTO flow_frozen.annotations VALUES (1, 'condition', '"drug"', 'drug', NULL);
INSERT INTO flow_frozen.annotations VALUES (1, 'n', '1', NULL, 1);
INSERT INTO flow_frozen.annotations VALUES (2, 'condition', '"water"', 'water', NULL);
INSERT INTO flow_frozen.annotations VALUES (2, 'dose', '2.5', NULL, 2.5);
INSERT INTO flow_frozen.annotations VALUES (3, 'n', '2', NULL, 2);
INSERT INTO flow_frozen.annotations VALUES (4, 'n', '2', NULL, 2);
INSERT INTO flow_frozen.changes VALUES (1, 'annotate', 'ada', '2026-11-22T18:57:15.040459Z', '', NULL, 1, 1, '{"at":"2026-11-22T18:57:15.040459Z","details":{},"kind":"annotate","n":1,"note":"","rows":1,"rows_sha256":"eae71658cc7627b5a0b082f26fabe077a42c2aba63080b56538591838607a4d8","undoes":null,"user":"ada"}', '0000000000000000000000000000000000000000000000000000000000000000', '53baa8f6a68587bbd9e7902f0ac0a72d22f77f936046826c16f77880d59b2ecb');
INSERT INTO flow_frozen.changes VALUES (2, 'key', 'ada', '2026-11-22T18:57:15.132033Z', 'declare dose as number', NULL, 2, 0, '{"at":"2026-11-22T18:57:15.132033Z","details":{"new":{"choices":[],"description":"Of the drug","name":"dose","type":"number","unit":"µM"},"old":null},"kind":"key","n":2,"note":"declare dose as number","rows":0,"rows_sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","undoes":null,"user":"ada"}', '53baa8f6a68587bbd9e7902f0ac0a72d22f77f936046826c16f77880d59b2ecb', '12e46153fbee080e51aa41627d085f6c2237e3f47f909bd6c60b662d7c92fe9a');
INSERT INTO flow_frozen.changes VALUES (3, 'annotate', 'ada', '2026-11-22T18:57:15.136053Z', '', NULL, 2, 1, '{"at":"2026-11-22T18:57:15.136053Z","details":{},"kind":"annotate","n":3,"note":"","rows":1,"rows_sha256":"e23e2ba041f682445794725a0da4a963603a4d4590f82de06b73748d927e7aa1","undoes":null,"user":"ada"}', '12e46153fbee080e51aa41627d085f6c2237e3f47f909bd6c60b662d7c92fe9a', '68e7480ed22c6dc27f041c39780c8cbffb837c68c660efeac69f138dc8c6c5d0');
INSERT INTO flow_frozen.changes VALUES (4, 'exclude', 'eve', '2026-11-22T18:57:15.140828Z', 'out of focus', NULL, 3, 1, '{"at":"2026-11-22T18:57:15.140828Z","details":{},"kind":"exclude","n":4,"note":"out of focus","rows":1,"rows_sha256":"84d6040de2407f8a734853fb7e24a0a9df41d466578f2866a5647ca2b9faa006","undoes":null,"user":"eve"}', '68e7480ed22c6dc27f041c39780c8cbffb837c68c660efeac69f138dc8c6c5d0', 'adbb6180f468845e725864c121daf277e3590d1eb6bac94bdb41fa3211b9e8cb');
INSERT INTO flow_frozen.changes VALUES (5, 'correct', 'eve', '2026-11-22T18:57:15.149561Z', '', NULL, 4, 1, '{"at":"2026-11-22T18:57:15.149561Z","details":{},"kind":"correct","n":5,"note":"","rows":1,"rows_sha256":"819fa6a4f0ccfc0d02a74ab4ceb8db2fa20356d143c24cb48d9b23d1c5beb5f5","undoes":null,"user":"eve"}', 'adbb6180f468845e725864c121daf277e3590d1eb6bac94bdb41fa3211b9e8cb', '5e6ccaf77f64e521f6e8f8688aba50c482ad1fcd7837603d95f2d7c03acfc14f');
INSERT INTO flow_frozen.changes VALUES (6, 'annotate', 'ada', '2026-11-22T18:57:15.153664Z', '', NULL, 5, 1, '{"at":"2026-11-22T18:57:15.153664Z","details":{},"kind":"annotate","n":6,"note":"","rows":1,"rows_sha256":"2d99cac1edde0a9b83bb38043c6853147fad77fd7a98b6d3c6a739d1b8f07e21","undoes":null,"user":"ada"}', '5e6ccaf77f64e521f6e8f8688aba50c482ad1fcd7837603d95f2d7c03acfc14f', '763d51438e771a274471521c321f93cfd7e33ee2fff85321a21cd910acf0384c');
INSERT INTO flow_frozen.changes VALUES (7, 'undo', 'ada', '2026-11-22T18:57:15.163585Z', 'undo change 6', 6, 6, 1, '{"at":"2026-11-22T18:57:15.163585Z","details":{},"kind":"undo","n":7,"note":"undo change 6","rows":1,"rows_sha256":"c2ac785090a2b54704f03cf3ce2f3c731dd8ff5bc8e50d6378d3914b24d3e56b","undoes":6,"user":"ada"}', '763d51438e771a274471521c321f93cfd7e33ee2fff85321a21cd910acf0384c', 'e5f21df513c1a7c33869bacd01725ec2ad81fa4faa41a491e661007f72be71e6');
INSERT INTO flow_frozen.changes VALUES (8, 'still valid', 'ada', '2026-11-22T21:51:58.471474Z', 'image rebuilt from the same lock', NULL, 7, 0, '{"at":"2026-11-22T21:51:58.471474Z","details":{"of":"denoise","results":1,"results_sha256":"0407bb1ebf08ca242c9f105944db34794fc683d9eb6c701d58a1c747e3653aa1"},"kind":"still valid","n":8,"note":"image rebuilt from the same lock","rows":0,"rows_sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","undoes":null,"user":"ada"}', 'e5f21df513c1a7c33869bacd01725ec2ad81fa4faa41a491e661007f72be71e6', '9fa6878d589b9c2768a0216f0ee2a509b0f2e1f6bc1ff8a37a6dfa5643aa9cfe');
INSERT INTO flow_frozen.claims VALUES ('13b1741164e16ede52bf09abae6ff296f5cddb474cfefd15934b39c9391eeb19', '23769ea6-2ec1-4e6c-b41c-b904c6158407', 'scope', 'boot-1', 4711, 12.25, '2026-11-22T21:51:58.474233Z', '2026-11-22T21:51:58.474233Z');
INSERT INTO flow_frozen.contents VALUES (1, '1ffc9c01d7415c2de065283abb820ca6b913ee52c6144ddf926725b963749d66', 9, false);
INSERT INTO flow_frozen.contents VALUES (2, '8dd785384490e8338515ec548c5398226a6f5bc1b8a85bff25e8bfd61169d535', 9, false);
INSERT INTO flow_frozen.contents VALUES (3, '400a936d0ac7637324413df9aaf2067ff68468e602a5446af1e454878b5bad1e', 8, false);
INSERT INTO flow_frozen.corrections VALUES (1, '{"pixel_size_um":{"x":0.2,"y":0.2}}');
INSERT INTO flow_frozen.datasets VALUES (1, 'raw', NULL, NULL, NULL);
INSERT INTO flow_frozen.datasets VALUES (2, '2026-11-22-23769ea6-0/denoise/image', 1, 'denoise', 'image');
INSERT INTO flow_frozen.edge_executions VALUES (1, 0, 1, 1);
INSERT INTO flow_frozen.edge_executions VALUES (2, 0, 1, 1);
INSERT INTO flow_frozen.edge_executions VALUES (3, 0, 2, 1);
INSERT INTO flow_frozen.edges VALUES (1, 1, 'images -> denoise.image', 'image');
INSERT INTO flow_frozen.edges VALUES (2, 1, 'images -> count.image', 'image');
INSERT INTO flow_frozen.exclusions VALUES (2, 'out of focus');
INSERT INTO flow_frozen.fingerprints VALUES (1, '5abe3bed19d44e466270466f9076ab68be025a582634295b5189404906bd1fe2', '{"tool":"skimage/gaussian@1.0.0","parameters":{"sigma":1.5},"inputs":["297010db-8cf0-4cee-bbea-2f87f192f9a5"],"node":"denoise"}');
INSERT INTO flow_frozen.fingerprints VALUES (2, '8622a48dd64fcd438b70f863393dd4935855e9ce6d0af22e4d027875b42ae05f', '{"tool":"skimage/gaussian@1.0.0","parameters":{"sigma":1.5},"inputs":["297010db-8cf0-4cee-bbea-2f87f192f9a5"],"node":"count"}');
INSERT INTO flow_frozen.item_changes VALUES (1, 1, 1, 'annotation', 'condition', '"water"', '"drug"');
INSERT INTO flow_frozen.item_changes VALUES (2, 3, 2, 'annotation', 'dose', NULL, '2.5');
INSERT INTO flow_frozen.item_changes VALUES (3, 4, 2, 'excluded', '', NULL, '"out of focus"');
INSERT INTO flow_frozen.item_changes VALUES (4, 5, 1, 'info', 'pixel_size_um', NULL, '{"x":0.2,"y":0.2}');
INSERT INTO flow_frozen.item_changes VALUES (5, 6, 2, 'annotation', 'dose', '2.5', '3');
INSERT INTO flow_frozen.item_changes VALUES (6, 7, 2, 'annotation', 'dose', '3', '2.5');
INSERT INTO flow_frozen.items VALUES (1, '297010db-8cf0-4cee-bbea-2f87f192f9a5', 1, 1, 1, NULL, '/microscope/a.ome.tif', 'a.ome.tif', '', '', '{"kind":"image","format":"ome-tiff","axes":"YX","shape":[128,96],"dtype":"uint16","pixel_size_um":{"x":0.1,"y":0.1},"channels":["DAPI"]}', '{"condition":"water","n":1}', 'image', 'ome-tiff');
INSERT INTO flow_frozen.items VALUES (2, 'a41a777b-8c48-4159-b0a1-49402bb5ed34', 1, 2, 2, NULL, '/microscope/b.ome.tif', 'b.ome.tif', '', '', '{"kind":"image","format":"ome-tiff","axes":"YX","shape":[128,96],"dtype":"uint16","pixel_size_um":{"x":0.1,"y":0.1},"channels":["DAPI"]}', '{"condition":"water"}', 'image', 'ome-tiff');
INSERT INTO flow_frozen.items VALUES (3, 'ad46969b-cb49-4069-a854-f4e1edd57649', 2, 3, 3, 1, NULL, '0.ome.tif', '', '', '{"kind":"image","format":"ome-tiff","axes":"YX","shape":[128,96],"dtype":"uint16","pixel_size_um":{"x":0.1,"y":0.1},"channels":["DAPI"]}', '{"n":2}', 'image', 'ome-tiff');
INSERT INTO flow_frozen.items VALUES (4, '476fbe69-15da-4922-bf8b-71f526fab4c7', 2, 3, NULL, 2, NULL, '0.ome.tif', '', '', '{"kind":"image","format":"ome-tiff","axes":"YX","shape":[128,96],"dtype":"uint16","pixel_size_um":{"x":0.1,"y":0.1},"channels":["DAPI"]}', '{"n":2}', 'image', 'ome-tiff');
INSERT INTO flow_frozen.jobs VALUES (1, '1bf314bd-11c1-468d-8c5b-f44e08881762', 1, 'denoise', 'skimage/gaussian@1.0.0', 'done', 1, 1, '{"sigma":1.5}', '["python","/tool/gaussian.py","--image","/job/in/image/0.ome.tif"]', '2026-11-22T10:15:02.123456Z', 0.25, 0.2, 2147483648, 0, 'runs/23769ea6-2ec1-4e6c-b41c-b904c6158407/logs/1bf314bd-11c1-468d-8c5b-f44e08881762.log', NULL, '', NULL, 1, 1, NULL, NULL, '{}');
INSERT INTO flow_frozen.jobs VALUES (2, '7c4ddc78-0f54-4e22-87c3-c6b4c538e725', 1, 'denoise', 'skimage/gaussian@1.0.0', 'reused', 1, 1, '{"sigma":1.5}', '["python","/tool/gaussian.py","--image","/job/in/image/0.ome.tif"]', '2026-11-22T10:15:02.123456Z', 0.25, 0.2, 2147483648, NULL, 'runs/23769ea6-2ec1-4e6c-b41c-b904c6158407/logs/7c4ddc78-0f54-4e22-87c3-c6b4c538e725.log', NULL, '', 1, 2, 1, NULL, NULL, '{}');
INSERT INTO flow_frozen.jobs VALUES (3, 'ebb340bf-ca7f-4e10-b5d2-966875c44e42', 1, 'count', 'skimage/gaussian@1.0.0', 'failed', 2, 1, '{"sigma":1.5}', '["python","/tool/gaussian.py","--image","/job/in/image/0.ome.tif"]', '2026-11-22T10:15:02.123456Z', 0.25, 0.2, 2147483648, NULL, 'runs/23769ea6-2ec1-4e6c-b41c-b904c6158407/logs/ebb340bf-ca7f-4e10-b5d2-966875c44e42.log', NULL, '', NULL, 3, 1, NULL, NULL, '{"sigma":"px"}');
INSERT INTO flow_frozen.keys VALUES (1, 'dose', 'number', 'µM', 'Of the drug', '[]');
INSERT INTO flow_frozen.locations VALUES (1, 1, 'data/raw/a.ome.tif', 9, 1700000000123456789, '9223372036854775813', '1ffc9c01d7415c2de065283abb820ca6b913ee52c6144ddf926725b963749d66', false, 'present');
INSERT INTO flow_frozen.locations VALUES (2, 2, 'data/raw/b.ome.tif', 9, 1700000000123456789, '9223372036854775813', '8dd785384490e8338515ec548c5398226a6f5bc1b8a85bff25e8bfd61169d535', false, 'present');
INSERT INTO flow_frozen.locations VALUES (3, 3, 'results/x/0.ome.tif', 8, 1700000000123456789, '9223372036854775813', '400a936d0ac7637324413df9aaf2067ff68468e602a5446af1e454878b5bad1e', false, 'present');
INSERT INTO flow_frozen.meta VALUES ('uuid', 'deb84468-798f-4b61-934a-bcfced36ad57');
INSERT INTO flow_frozen.meta VALUES ('name', 'Frozen');
INSERT INTO flow_frozen.meta VALUES ('created', '2026-11-22T18:57:14.996061Z');
INSERT INTO flow_frozen.meta VALUES ('schema_version', '4');
INSERT INTO flow_frozen.meta VALUES ('program_version', '0.1.0');
INSERT INTO flow_frozen.records VALUES (1, 0, 'run', '{"bindings":{"images":"raw"},"folder":"2026-11-22-23769ea6-0","machine":{"host":"scope","os":"Linux 6.1","program_version":"0.1.0","python":"3.12.1","user":"ada"},"name":"Frozen","run":"23769ea6-2ec1-4e6c-b41c-b904c6158407","started":"2026-11-22T10:15:02.123456Z","workflow":{"id":"0b9c3a54-3d1f-4c9e-9a57-1f3f3c5d2a11","sha256":"da7f739f627198465eeab537a6f7a435dc4a0c332f9e4a8462293eb3f4ab7ee0","text_sha256":"dba7523e0d401bb3764718ea767c8e788f420206ede34663aa406fe6a010f738"}}', '0000000000000000000000000000000000000000000000000000000000000000', 'a40808fedefa2861b4d8a0d3e4a606e112a79382d5e03f40cfd5c6da1956b79a');
INSERT INTO flow_frozen.records VALUES (1, 1, 'job', '{"cause":null,"command":["python","/tool/gaussian.py","--image","/job/in/image/0.ome.tif"],"consumed":[{"content":"1ffc9c01d7415c2de065283abb820ca6b913ee52c6144ddf926725b963749d66","edge":"images -> denoise.image","item":"297010db-8cf0-4cee-bbea-2f87f192f9a5","port":"image","selector":""}],"cpu_s":0.2,"elapsed_s":0.25,"exit_code":0,"fingerprint":"5abe3bed19d44e466270466f9076ab68be025a582634295b5189404906bd1fe2","job":"1bf314bd-11c1-468d-8c5b-f44e08881762","log":"runs/23769ea6-2ec1-4e6c-b41c-b904c6158407/logs/1bf314bd-11c1-468d-8c5b-f44e08881762.log","message":"","node":"denoise","parameters":{"sigma":1.5},"peak_memory":2147483648,"produced":[{"annotations":{"n":2},"content":"400a936d0ac7637324413df9aaf2067ff68468e602a5446af1e454878b5bad1e","info":{"axes":"YX","channels":["DAPI"],"dtype":"uint16","format":"ome-tiff","kind":"image","pixel_size_um":{"x":0.1,"y":0.1},"shape":[128,96]},"item":"ad46969b-cb49-4069-a854-f4e1edd57649","name":"0.ome.tif","part":"","path":"results/x/0.ome.tif","port":"image","size":8}],"reused_from":null,"runtime":{"detail":"skimage:0.1","identity":"image sha256:0a","name":"container"},"started":"2026-11-22T10:15:02.123456Z","state":"done","tool":"skimage/gaussian@1.0.0"}', 'a40808fedefa2861b4d8a0d3e4a606e112a79382d5e03f40cfd5c6da1956b79a', '538adc0da40bd155b77c03cc38abfa1ed95a74b22b547a96e76cf8fc09a8cc0f');
INSERT INTO flow_frozen.records VALUES (1, 2, 'job', '{"cause":null,"command":["python","/tool/gaussian.py","--image","/job/in/image/0.ome.tif"],"consumed":[{"content":"1ffc9c01d7415c2de065283abb820ca6b913ee52c6144ddf926725b963749d66","edge":"images -> denoise.image","item":"297010db-8cf0-4cee-bbea-2f87f192f9a5","port":"image","selector":""}],"cpu_s":0.2,"elapsed_s":0.25,"exit_code":null,"fingerprint":"5abe3bed19d44e466270466f9076ab68be025a582634295b5189404906bd1fe2","job":"7c4ddc78-0f54-4e22-87c3-c6b4c538e725","log":"runs/23769ea6-2ec1-4e6c-b41c-b904c6158407/logs/7c4ddc78-0f54-4e22-87c3-c6b4c538e725.log","message":"","node":"denoise","parameters":{"sigma":1.5},"peak_memory":2147483648,"produced":[{"annotations":{"n":2},"content":"400a936d0ac7637324413df9aaf2067ff68468e602a5446af1e454878b5bad1e","info":{"axes":"YX","channels":["DAPI"],"dtype":"uint16","format":"ome-tiff","kind":"image","pixel_size_um":{"x":0.1,"y":0.1},"shape":[128,96]},"item":"476fbe69-15da-4922-bf8b-71f526fab4c7","name":"0.ome.tif","part":"","path":null,"port":"image","size":8}],"reused_from":"1bf314bd-11c1-468d-8c5b-f44e08881762","runtime":{"detail":"skimage:0.1","identity":"image sha256:0a","name":"container"},"started":"2026-11-22T10:15:02.123456Z","state":"reused","tool":"skimage/gaussian@1.0.0"}', '538adc0da40bd155b77c03cc38abfa1ed95a74b22b547a96e76cf8fc09a8cc0f', '924ab99d6aa078301c94684763bcedf353089e6c908a4834db991a608c5d12b5');
INSERT INTO flow_frozen.records VALUES (1, 3, 'job', '{"cause":null,"command":["python","/tool/gaussian.py","--image","/job/in/image/0.ome.tif"],"consumed":[{"content":"1ffc9c01d7415c2de065283abb820ca6b913ee52c6144ddf926725b963749d66","edge":"images -> count.image","item":"297010db-8cf0-4cee-bbea-2f87f192f9a5","port":"image","selector":""}],"cpu_s":0.2,"elapsed_s":0.25,"exit_code":null,"fingerprint":"8622a48dd64fcd438b70f863393dd4935855e9ce6d0af22e4d027875b42ae05f","job":"ebb340bf-ca7f-4e10-b5d2-966875c44e42","log":"runs/23769ea6-2ec1-4e6c-b41c-b904c6158407/logs/ebb340bf-ca7f-4e10-b5d2-966875c44e42.log","message":"","node":"count","parameters":{"sigma":1.5},"peak_memory":2147483648,"produced":[],"reused_from":null,"runtime":{"detail":"skimage:0.1","identity":"image sha256:0a","name":"container"},"started":"2026-11-22T10:15:02.123456Z","state":"failed","tool":"skimage/gaussian@1.0.0","units":{"sigma":"px"}}', '924ab99d6aa078301c94684763bcedf353089e6c908a4834db991a608c5d12b5', '69f22fbe7c406be66f1ebe19f739e22b3e76de1f30a5dcc7d4333c296cce5849');
INSERT INTO flow_frozen.records VALUES (1, 4, 'end', '{"elapsed_s":1.5,"ended":"2026-11-22T18:57:15.122013Z","jobs":{"done":1,"failed":1,"reused":1},"state":"partial"}', '69f22fbe7c406be66f1ebe19f739e22b3e76de1f30a5dcc7d4333c296cce5849', '6567f6edddceb40604c5f88d2ef147861e201ef591930a4a4e7a07fcbe6976ff');
INSERT INTO flow_frozen.runs VALUES (1, '23769ea6-2ec1-4e6c-b41c-b904c6158407', 'Frozen', '2026-11-22-23769ea6-0', '0b9c3a54-3d1f-4c9e-9a57-1f3f3c5d2a11', 'da7f739f627198465eeab537a6f7a435dc4a0c332f9e4a8462293eb3f4ab7ee0', 'schema: bioimageit-flow/workflow/1
', '{"images":"raw"}', '{"host":"scope","os":"Linux 6.1","user":"ada","python":"3.12.1","program_version":"0.1.0"}', '2026-11-22T10:15:02.123456Z', 'partial', '2026-11-22T18:57:15.122013Z', 1.5);
INSERT INTO flow_frozen.runtimes VALUES (1, 'container', 'image sha256:0a', 'skimage:0.1');
INSERT INTO flow_frozen.still_valid VALUES (1, 8, '7a0061fcedb80d4fdb027b32af4753397380307e378927b13fc793cb92a33904', 1);
ALTER TABLE ONLY flow_frozen.annotations
    ADD CONSTRAINT annotations_pkey PRIMARY KEY (item_id, key);
ALTER TABLE ONLY flow_frozen.changes
    ADD CONSTRAINT changes_pkey PRIMARY KEY (id);
ALTER TABLE ONLY flow_frozen.claims
    ADD CONSTRAINT claims_pkey PRIMARY KEY (fingerprint);
ALTER TABLE ONLY flow_frozen.contents
    ADD CONSTRAINT contents_pkey PRIMARY KEY (id);
ALTER TABLE ONLY flow_frozen.contents
    ADD CONSTRAINT contents_sha256_key UNIQUE (sha256);
ALTER TABLE ONLY flow_frozen.corrections
    ADD CONSTRAINT corrections_pkey PRIMARY KEY (item_id);
ALTER TABLE ONLY flow_frozen.datasets
    ADD CONSTRAINT datasets_name_key UNIQUE (name);
ALTER TABLE ONLY flow_frozen.datasets
    ADD CONSTRAINT datasets_pkey PRIMARY KEY (id);
ALTER TABLE ONLY flow_frozen.edge_executions
    ADD CONSTRAINT edge_executions_pkey PRIMARY KEY (job_id, n);
ALTER TABLE ONLY flow_frozen.edges
    ADD CONSTRAINT edges_pkey PRIMARY KEY (id);
ALTER TABLE ONLY flow_frozen.edges
    ADD CONSTRAINT edges_run_id_edge_port_key UNIQUE (run_id, edge, port);
ALTER TABLE ONLY flow_frozen.exclusions
    ADD CONSTRAINT exclusions_pkey PRIMARY KEY (item_id);
ALTER TABLE ONLY flow_frozen.fingerprints
    ADD CONSTRAINT fingerprints_pkey PRIMARY KEY (id);
ALTER TABLE ONLY flow_frozen.fingerprints
    ADD CONSTRAINT fingerprints_sha256_key UNIQUE (sha256);
ALTER TABLE ONLY flow_frozen.item_changes
    ADD CONSTRAINT item_changes_pkey PRIMARY KEY (id);
ALTER TABLE ONLY flow_frozen.items
    ADD CONSTRAINT items_pkey PRIMARY KEY (id);
ALTER TABLE ONLY flow_frozen.items
    ADD CONSTRAINT items_uuid_key UNIQUE (uuid);
ALTER TABLE ONLY flow_frozen.jobs
    ADD CONSTRAINT jobs_pkey PRIMARY KEY (id);
ALTER TABLE ONLY flow_frozen.jobs
    ADD CONSTRAINT jobs_uuid_key UNIQUE (uuid);
ALTER TABLE ONLY flow_frozen.keys
    ADD CONSTRAINT keys_name_key UNIQUE (name);
ALTER TABLE ONLY flow_frozen.keys
    ADD CONSTRAINT keys_pkey PRIMARY KEY (id);
ALTER TABLE ONLY flow_frozen.locations
    ADD CONSTRAINT locations_path_content_id_key UNIQUE (path, content_id);
ALTER TABLE ONLY flow_frozen.locations
    ADD CONSTRAINT locations_pkey PRIMARY KEY (id);
ALTER TABLE ONLY flow_frozen.meta
    ADD CONSTRAINT meta_pkey PRIMARY KEY (key);
ALTER TABLE ONLY flow_frozen.records
    ADD CONSTRAINT records_pkey PRIMARY KEY (run_id, n);
ALTER TABLE ONLY flow_frozen.runs
    ADD CONSTRAINT runs_folder_key UNIQUE (folder);
ALTER TABLE ONLY flow_frozen.runs
    ADD CONSTRAINT runs_pkey PRIMARY KEY (id);
ALTER TABLE ONLY flow_frozen.runs
    ADD CONSTRAINT runs_uuid_key UNIQUE (uuid);
ALTER TABLE ONLY flow_frozen.runtimes
    ADD CONSTRAINT runtimes_name_identity_detail_key UNIQUE (name, identity, detail);
ALTER TABLE ONLY flow_frozen.runtimes
    ADD CONSTRAINT runtimes_pkey PRIMARY KEY (id);
ALTER TABLE ONLY flow_frozen.still_valid
    ADD CONSTRAINT still_valid_pkey PRIMARY KEY (id);
CREATE INDEX annotations_by_number ON flow_frozen.annotations USING btree (key, number) WHERE (text IS NULL);
CREATE INDEX annotations_by_start ON flow_frozen.annotations USING btree (key, "left"(text, 200)) WHERE (text IS NOT NULL);
CREATE INDEX changes_by_undone ON flow_frozen.changes USING btree (undoes);
CREATE INDEX claims_by_run ON flow_frozen.claims USING btree (run);
CREATE INDEX edge_executions_by_item ON flow_frozen.edge_executions USING btree (item_id);
CREATE INDEX item_changes_by_item ON flow_frozen.item_changes USING btree (item_id);
CREATE INDEX items_by_content ON flow_frozen.items USING btree (content_id);
CREATE INDEX items_by_dataset ON flow_frozen.items USING btree (dataset_id, name, uuid);
CREATE INDEX items_by_job ON flow_frozen.items USING btree (job_id);
CREATE INDEX items_by_name ON flow_frozen.items USING btree (name, uuid);
CREATE INDEX jobs_by_fingerprint ON flow_frozen.jobs USING btree (fingerprint_id, state);
CREATE INDEX jobs_by_run ON flow_frozen.jobs USING btree (run_id, node);
CREATE UNIQUE INDEX jobs_superseded ON flow_frozen.jobs USING btree (superseded_by) WHERE (superseded_by IS NOT NULL);
CREATE INDEX locations_by_content ON flow_frozen.locations USING btree (content_id);
CREATE INDEX still_valid_by_change ON flow_frozen.still_valid USING btree (change_id);
CREATE INDEX still_valid_by_fingerprint ON flow_frozen.still_valid USING btree (fingerprint);
CREATE TRIGGER changes_no_delete BEFORE DELETE ON flow_frozen.changes FOR EACH ROW EXECUTE FUNCTION flow_frozen.refuse_change();
CREATE TRIGGER changes_no_truncate BEFORE TRUNCATE ON flow_frozen.changes FOR EACH STATEMENT EXECUTE FUNCTION flow_frozen.refuse_change();
CREATE TRIGGER changes_no_update BEFORE UPDATE ON flow_frozen.changes FOR EACH ROW EXECUTE FUNCTION flow_frozen.refuse_change();
CREATE TRIGGER contents_no_delete BEFORE DELETE ON flow_frozen.contents FOR EACH ROW EXECUTE FUNCTION flow_frozen.refuse_change();
CREATE TRIGGER contents_no_truncate BEFORE TRUNCATE ON flow_frozen.contents FOR EACH STATEMENT EXECUTE FUNCTION flow_frozen.refuse_change();
CREATE TRIGGER contents_no_update BEFORE UPDATE ON flow_frozen.contents FOR EACH ROW EXECUTE FUNCTION flow_frozen.refuse_change();
CREATE TRIGGER edge_executions_no_delete BEFORE DELETE ON flow_frozen.edge_executions FOR EACH ROW EXECUTE FUNCTION flow_frozen.refuse_change();
CREATE TRIGGER edge_executions_no_truncate BEFORE TRUNCATE ON flow_frozen.edge_executions FOR EACH STATEMENT EXECUTE FUNCTION flow_frozen.refuse_change();
CREATE TRIGGER edge_executions_no_update BEFORE UPDATE ON flow_frozen.edge_executions FOR EACH ROW EXECUTE FUNCTION flow_frozen.refuse_change();
CREATE TRIGGER edges_no_delete BEFORE DELETE ON flow_frozen.edges FOR EACH ROW EXECUTE FUNCTION flow_frozen.refuse_change();
CREATE TRIGGER edges_no_truncate BEFORE TRUNCATE ON flow_frozen.edges FOR EACH STATEMENT EXECUTE FUNCTION flow_frozen.refuse_change();
CREATE TRIGGER edges_no_update BEFORE UPDATE ON flow_frozen.edges FOR EACH ROW EXECUTE FUNCTION flow_frozen.refuse_change();
CREATE TRIGGER fingerprints_no_delete BEFORE DELETE ON flow_frozen.fingerprints FOR EACH ROW EXECUTE FUNCTION flow_frozen.refuse_change();
CREATE TRIGGER fingerprints_no_truncate BEFORE TRUNCATE ON flow_frozen.fingerprints FOR EACH STATEMENT EXECUTE FUNCTION flow_frozen.refuse_change();
CREATE TRIGGER fingerprints_no_update BEFORE UPDATE ON flow_frozen.fingerprints FOR EACH ROW EXECUTE FUNCTION flow_frozen.refuse_change();
CREATE TRIGGER item_changes_no_delete BEFORE DELETE ON flow_frozen.item_changes FOR EACH ROW EXECUTE FUNCTION flow_frozen.refuse_change();
CREATE TRIGGER item_changes_no_truncate BEFORE TRUNCATE ON flow_frozen.item_changes FOR EACH STATEMENT EXECUTE FUNCTION flow_frozen.refuse_change();
CREATE TRIGGER item_changes_no_update BEFORE UPDATE ON flow_frozen.item_changes FOR EACH ROW EXECUTE FUNCTION flow_frozen.refuse_change();
CREATE TRIGGER items_no_delete BEFORE DELETE ON flow_frozen.items FOR EACH ROW EXECUTE FUNCTION flow_frozen.refuse_change();
CREATE TRIGGER items_no_truncate BEFORE TRUNCATE ON flow_frozen.items FOR EACH STATEMENT EXECUTE FUNCTION flow_frozen.refuse_change();
CREATE TRIGGER items_no_update BEFORE UPDATE ON flow_frozen.items FOR EACH ROW EXECUTE FUNCTION flow_frozen.refuse_change();
CREATE TRIGGER records_no_delete BEFORE DELETE ON flow_frozen.records FOR EACH ROW EXECUTE FUNCTION flow_frozen.refuse_change();
CREATE TRIGGER records_no_truncate BEFORE TRUNCATE ON flow_frozen.records FOR EACH STATEMENT EXECUTE FUNCTION flow_frozen.refuse_change();
CREATE TRIGGER records_no_update BEFORE UPDATE ON flow_frozen.records FOR EACH ROW EXECUTE FUNCTION flow_frozen.refuse_change();
CREATE TRIGGER still_valid_no_delete BEFORE DELETE ON flow_frozen.still_valid FOR EACH ROW EXECUTE FUNCTION flow_frozen.refuse_change();
CREATE TRIGGER still_valid_no_truncate BEFORE TRUNCATE ON flow_frozen.still_valid FOR EACH STATEMENT EXECUTE FUNCTION flow_frozen.refuse_change();
CREATE TRIGGER still_valid_no_update BEFORE UPDATE ON flow_frozen.still_valid FOR EACH ROW EXECUTE FUNCTION flow_frozen.refuse_change();
ALTER TABLE ONLY flow_frozen.annotations
    ADD CONSTRAINT annotations_item_id_fkey FOREIGN KEY (item_id) REFERENCES flow_frozen.items(id);
ALTER TABLE ONLY flow_frozen.changes
    ADD CONSTRAINT changes_undoes_fkey FOREIGN KEY (undoes) REFERENCES flow_frozen.changes(id);
ALTER TABLE ONLY flow_frozen.corrections
    ADD CONSTRAINT corrections_item_id_fkey FOREIGN KEY (item_id) REFERENCES flow_frozen.items(id);
ALTER TABLE ONLY flow_frozen.datasets
    ADD CONSTRAINT datasets_run_id_fkey FOREIGN KEY (run_id) REFERENCES flow_frozen.runs(id);
ALTER TABLE ONLY flow_frozen.edge_executions
    ADD CONSTRAINT edge_executions_edge_id_fkey FOREIGN KEY (edge_id) REFERENCES flow_frozen.edges(id);
ALTER TABLE ONLY flow_frozen.edge_executions
    ADD CONSTRAINT edge_executions_item_id_fkey FOREIGN KEY (item_id) REFERENCES flow_frozen.items(id);
ALTER TABLE ONLY flow_frozen.edge_executions
    ADD CONSTRAINT edge_executions_job_id_fkey FOREIGN KEY (job_id) REFERENCES flow_frozen.jobs(id);
ALTER TABLE ONLY flow_frozen.edges
    ADD CONSTRAINT edges_run_id_fkey FOREIGN KEY (run_id) REFERENCES flow_frozen.runs(id);
ALTER TABLE ONLY flow_frozen.exclusions
    ADD CONSTRAINT exclusions_item_id_fkey FOREIGN KEY (item_id) REFERENCES flow_frozen.items(id);
ALTER TABLE ONLY flow_frozen.item_changes
    ADD CONSTRAINT item_changes_change_id_fkey FOREIGN KEY (change_id) REFERENCES flow_frozen.changes(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY flow_frozen.item_changes
    ADD CONSTRAINT item_changes_item_id_fkey FOREIGN KEY (item_id) REFERENCES flow_frozen.items(id);
ALTER TABLE ONLY flow_frozen.items
    ADD CONSTRAINT items_content_id_fkey FOREIGN KEY (content_id) REFERENCES flow_frozen.contents(id);
ALTER TABLE ONLY flow_frozen.items
    ADD CONSTRAINT items_dataset_id_fkey FOREIGN KEY (dataset_id) REFERENCES flow_frozen.datasets(id);
ALTER TABLE ONLY flow_frozen.items
    ADD CONSTRAINT items_job_id_fkey FOREIGN KEY (job_id) REFERENCES flow_frozen.jobs(id);
ALTER TABLE ONLY flow_frozen.items
    ADD CONSTRAINT items_location_id_fkey FOREIGN KEY (location_id) REFERENCES flow_frozen.locations(id);
ALTER TABLE ONLY flow_frozen.jobs
    ADD CONSTRAINT jobs_declared_in_fkey FOREIGN KEY (declared_in) REFERENCES flow_frozen.changes(id);
ALTER TABLE ONLY flow_frozen.jobs
    ADD CONSTRAINT jobs_fingerprint_id_fkey FOREIGN KEY (fingerprint_id) REFERENCES flow_frozen.fingerprints(id);
ALTER TABLE ONLY flow_frozen.jobs
    ADD CONSTRAINT jobs_reused_from_fkey FOREIGN KEY (reused_from) REFERENCES flow_frozen.jobs(id);
ALTER TABLE ONLY flow_frozen.jobs
    ADD CONSTRAINT jobs_run_id_fkey FOREIGN KEY (run_id) REFERENCES flow_frozen.runs(id);
ALTER TABLE ONLY flow_frozen.jobs
    ADD CONSTRAINT jobs_runtime_id_fkey FOREIGN KEY (runtime_id) REFERENCES flow_frozen.runtimes(id);
ALTER TABLE ONLY flow_frozen.jobs
    ADD CONSTRAINT jobs_superseded_by_fkey FOREIGN KEY (superseded_by) REFERENCES flow_frozen.jobs(id);
ALTER TABLE ONLY flow_frozen.locations
    ADD CONSTRAINT locations_content_id_fkey FOREIGN KEY (content_id) REFERENCES flow_frozen.contents(id);
ALTER TABLE ONLY flow_frozen.records
    ADD CONSTRAINT records_run_id_fkey FOREIGN KEY (run_id) REFERENCES flow_frozen.runs(id);
ALTER TABLE ONLY flow_frozen.still_valid
    ADD CONSTRAINT still_valid_change_id_fkey FOREIGN KEY (change_id) REFERENCES flow_frozen.changes(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY flow_frozen.still_valid
    ADD CONSTRAINT still_valid_job_id_fkey FOREIGN KEY (job_id) REFERENCES flow_frozen.jobs(id);
