BEGIN TRANSACTION;
CREATE TABLE annotation_changes (
	id INTEGER NOT NULL, 
	item_id INTEGER NOT NULL, 
	"key" TEXT NOT NULL, 
	old TEXT, 
	new TEXT, 
	user TEXT NOT NULL, 
	at TEXT NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(item_id) REFERENCES items (id)
);
INSERT INTO "annotation_changes" VALUES(1,1,'condition','"water"','"drug"','ada','2026-11-22T16:04:53.663282Z');
INSERT INTO "annotation_changes" VALUES(2,3,'n',NULL,'2','ada','2026-11-22T16:04:53.663282Z');
CREATE TABLE annotations (
	item_id INTEGER NOT NULL, 
	"key" TEXT NOT NULL, 
	value TEXT NOT NULL, 
	PRIMARY KEY (item_id, "key"), 
	FOREIGN KEY(item_id) REFERENCES items (id)
)
 WITHOUT ROWID

;
INSERT INTO "annotations" VALUES(1,'condition','"drug"');
INSERT INTO "annotations" VALUES(1,'n','1');
INSERT INTO "annotations" VALUES(3,'n','2');
CREATE TABLE contents (
	id INTEGER NOT NULL, 
	sha256 TEXT NOT NULL, 
	size BIGINT NOT NULL, 
	is_folder BOOLEAN NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (sha256)
);
INSERT INTO "contents" VALUES(1,'1ffc9c01d7415c2de065283abb820ca6b913ee52c6144ddf926725b963749d66',9,0);
INSERT INTO "contents" VALUES(2,'f6a214f7a5fcda0c2cee9660b7fc29f5649e3c68aad48e20e950137c98913a68',6,0);
CREATE TABLE datasets (
	id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	run_id INTEGER, 
	node TEXT, 
	port TEXT, 
	PRIMARY KEY (id), 
	CHECK ((run_id IS NULL) = (port IS NULL)), 
	UNIQUE (name), 
	FOREIGN KEY(run_id) REFERENCES runs (id)
);
INSERT INTO "datasets" VALUES(1,'raw',NULL,NULL,NULL);
INSERT INTO "datasets" VALUES(2,'2026-11-22_frozen/denoise/image',1,'denoise','image');
CREATE TABLE edge_executions (
	job_id INTEGER NOT NULL, 
	n INTEGER NOT NULL, 
	edge_id INTEGER NOT NULL, 
	item_id INTEGER NOT NULL, 
	PRIMARY KEY (job_id, n), 
	FOREIGN KEY(job_id) REFERENCES jobs (id), 
	FOREIGN KEY(edge_id) REFERENCES edges (id), 
	FOREIGN KEY(item_id) REFERENCES items (id)
)
 WITHOUT ROWID

;
INSERT INTO "edge_executions" VALUES(1,0,1,1);
INSERT INTO "edge_executions" VALUES(2,0,1,1);
INSERT INTO "edge_executions" VALUES(3,0,2,2);
CREATE TABLE edges (
	id INTEGER NOT NULL, 
	run_id INTEGER NOT NULL, 
	edge TEXT NOT NULL, 
	port TEXT NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (run_id, edge, port), 
	FOREIGN KEY(run_id) REFERENCES runs (id)
);
INSERT INTO "edges" VALUES(1,1,'images -> denoise.image','image');
INSERT INTO "edges" VALUES(2,1,'images -> spots.image','image');
CREATE TABLE fingerprints (
	id INTEGER NOT NULL, 
	sha256 TEXT NOT NULL, 
	parts TEXT NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (sha256)
);
INSERT INTO "fingerprints" VALUES(1,'b7c87af7fbeb48c5f311541e7b831786d19d31de87dbb3aa9d826081e31fb180','{"tool":"skimage/gaussian@1.0.0","parameters":{"sigma":1.5},"inputs":["a9bc9023-c89c-46db-8634-515bd84ec1b2"],"node":"denoise"}');
INSERT INTO "fingerprints" VALUES(2,'8a3188a11ecd67abb138019e20fda86878236346ddf33be2112e11a3e33ec160','{"tool":"skimage/gaussian@1.0.0","parameters":{"sigma":1.5},"inputs":["d684f88e-60b5-4f60-ae01-e8888a5e5cbf"],"node":"spots"}');
CREATE TABLE items (
	id INTEGER NOT NULL, 
	uuid TEXT NOT NULL, 
	dataset_id INTEGER NOT NULL, 
	content_id INTEGER NOT NULL, 
	location_id INTEGER, 
	job_id INTEGER, 
	source TEXT, 
	name TEXT NOT NULL, 
	selector TEXT NOT NULL, 
	part TEXT NOT NULL, 
	info TEXT NOT NULL, 
	first_annotations TEXT NOT NULL, 
	PRIMARY KEY (id), 
	CONSTRAINT one_origin CHECK ((job_id IS NULL) <> (source IS NULL)), 
	UNIQUE (uuid), 
	FOREIGN KEY(dataset_id) REFERENCES datasets (id), 
	FOREIGN KEY(content_id) REFERENCES contents (id), 
	FOREIGN KEY(location_id) REFERENCES locations (id), 
	FOREIGN KEY(job_id) REFERENCES jobs (id)
);
INSERT INTO "items" VALUES(1,'a9bc9023-c89c-46db-8634-515bd84ec1b2',1,1,1,NULL,'/microscope/a.ome.tif','a.ome.tif','','','{"kind":"image","format":"ome-tiff","axes":"YX","shape":[128,96],"dtype":"uint16","pixel_size_um":{"x":0.1,"y":0.1},"channels":["DAPI"]}','{"condition":"water","n":1}');
INSERT INTO "items" VALUES(2,'d684f88e-60b5-4f60-ae01-e8888a5e5cbf',2,2,2,1,NULL,'0.ome.tif','','','{"kind":"image","format":"ome-tiff","axes":"YX","shape":[128,96],"dtype":"uint16","pixel_size_um":{"x":0.1,"y":0.1},"channels":["DAPI"]}','{}');
INSERT INTO "items" VALUES(3,'a36077b5-67be-4083-a3e0-0bc05846b9df',2,2,NULL,2,NULL,'0.ome.tif','','','{"kind":"image","format":"ome-tiff","axes":"YX","shape":[128,96],"dtype":"uint16","pixel_size_um":{"x":0.1,"y":0.1},"channels":["DAPI"]}','{}');
CREATE TABLE jobs (
	id INTEGER NOT NULL, 
	uuid TEXT NOT NULL, 
	run_id INTEGER NOT NULL, 
	node TEXT NOT NULL, 
	tool TEXT NOT NULL, 
	state TEXT NOT NULL, 
	fingerprint_id INTEGER NOT NULL, 
	runtime_id INTEGER NOT NULL, 
	parameters TEXT NOT NULL, 
	command TEXT NOT NULL, 
	started TEXT, 
	elapsed_s FLOAT NOT NULL, 
	cpu_s FLOAT, 
	peak_memory BIGINT, 
	exit_code INTEGER, 
	log TEXT NOT NULL, 
	cause TEXT, 
	message TEXT NOT NULL, 
	reused_from INTEGER, 
	record_n INTEGER NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (uuid), 
	FOREIGN KEY(run_id) REFERENCES runs (id), 
	FOREIGN KEY(fingerprint_id) REFERENCES fingerprints (id), 
	FOREIGN KEY(runtime_id) REFERENCES runtimes (id), 
	FOREIGN KEY(reused_from) REFERENCES jobs (id)
);
INSERT INTO "jobs" VALUES(1,'0c1bdb8f-9e6a-4ac3-9e85-92512909bd21',1,'denoise','skimage/gaussian@1.0.0','done',1,1,'{"sigma":1.5}','["python","/tool/gaussian.py","--image","/job/in/image/0.ome.tif"]','2026-11-22T10:15:02.123456Z',0.25,0.2,2147483648,0,'runs/b1035138-f4fb-4883-8b74-a9c66d0b0784/logs/0c1bdb8f-9e6a-4ac3-9e85-92512909bd21.log',NULL,'',NULL,1);
INSERT INTO "jobs" VALUES(2,'bb30ea2f-a67c-4f0a-8837-fbc17824ebad',1,'denoise','skimage/gaussian@1.0.0','reused',1,1,'{"sigma":1.5}','["python","/tool/gaussian.py","--image","/job/in/image/0.ome.tif"]','2026-11-22T10:15:02.123456Z',0.25,0.2,2147483648,NULL,'runs/b1035138-f4fb-4883-8b74-a9c66d0b0784/logs/bb30ea2f-a67c-4f0a-8837-fbc17824ebad.log',NULL,'',1,2);
INSERT INTO "jobs" VALUES(3,'813ac439-7cc6-497d-b55c-47fe8c628633',1,'spots','skimage/gaussian@1.0.0','failed',2,1,'{"sigma":1.5}','["python","/tool/gaussian.py","--image","/job/in/image/0.ome.tif"]','2026-11-22T10:15:02.123456Z',0.25,0.2,2147483648,1,'runs/b1035138-f4fb-4883-8b74-a9c66d0b0784/logs/813ac439-7cc6-497d-b55c-47fe8c628633.log','tool error','It did not like it.',NULL,3);
CREATE TABLE locations (
	id INTEGER NOT NULL, 
	content_id INTEGER NOT NULL, 
	path TEXT NOT NULL, 
	size BIGINT NOT NULL, 
	mtime_ns BIGINT NOT NULL, 
	inode TEXT NOT NULL, 
	verify_sha256 TEXT NOT NULL, 
	is_referenced BOOLEAN NOT NULL, 
	state TEXT NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (path, content_id), 
	FOREIGN KEY(content_id) REFERENCES contents (id)
);
INSERT INTO "locations" VALUES(1,1,'data/raw/a.ome.tif',9,1700000000123456789,'9223372036854775813','1ffc9c01d7415c2de065283abb820ca6b913ee52c6144ddf926725b963749d66',0,'present');
INSERT INTO "locations" VALUES(2,2,'results/2026-11-22_frozen/denoise/image/0.ome.tif',6,1700000000123456789,'9223372036854775813','f6a214f7a5fcda0c2cee9660b7fc29f5649e3c68aad48e20e950137c98913a68',0,'present');
CREATE TABLE meta (
	"key" TEXT NOT NULL, 
	value TEXT NOT NULL, 
	PRIMARY KEY ("key")
);
INSERT INTO "meta" VALUES('uuid','56605ab5-8594-4834-9292-1a49c9db0362');
INSERT INTO "meta" VALUES('name','Frozen');
INSERT INTO "meta" VALUES('created','2026-11-22T16:04:53.534500Z');
INSERT INTO "meta" VALUES('schema_version','1');
INSERT INTO "meta" VALUES('program_version','0.1.0');
CREATE TABLE records (
	run_id INTEGER NOT NULL, 
	n INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	body TEXT NOT NULL, 
	previous TEXT NOT NULL, 
	sha256 TEXT NOT NULL, 
	PRIMARY KEY (run_id, n), 
	FOREIGN KEY(run_id) REFERENCES runs (id)
);
INSERT INTO "records" VALUES(1,0,'run','{"bindings":{"images":"raw"},"folder":"2026-11-22_frozen","machine":{"host":"scope","os":"Linux 6.1","program_version":"0.1.0","python":"3.12.1","user":"ada"},"name":"Two populations","run":"b1035138-f4fb-4883-8b74-a9c66d0b0784","started":"2026-11-22T10:15:02.123456Z","workflow":{"id":"0b9c3a54-3d1f-4c9e-9a57-1f3f3c5d2a11","sha256":"da7f739f627198465eeab537a6f7a435dc4a0c332f9e4a8462293eb3f4ab7ee0","text_sha256":"dba7523e0d401bb3764718ea767c8e788f420206ede34663aa406fe6a010f738"}}','0000000000000000000000000000000000000000000000000000000000000000','ff52d2eb677dd0c18f0bc15793a1e0f5cfe84cda596d640a0f31468071aa2fd7');
INSERT INTO "records" VALUES(1,1,'job','{"cause":null,"command":["python","/tool/gaussian.py","--image","/job/in/image/0.ome.tif"],"consumed":[{"content":"1ffc9c01d7415c2de065283abb820ca6b913ee52c6144ddf926725b963749d66","edge":"images -> denoise.image","item":"a9bc9023-c89c-46db-8634-515bd84ec1b2","port":"image","selector":""}],"cpu_s":0.2,"elapsed_s":0.25,"exit_code":0,"fingerprint":"b7c87af7fbeb48c5f311541e7b831786d19d31de87dbb3aa9d826081e31fb180","job":"0c1bdb8f-9e6a-4ac3-9e85-92512909bd21","log":"runs/b1035138-f4fb-4883-8b74-a9c66d0b0784/logs/0c1bdb8f-9e6a-4ac3-9e85-92512909bd21.log","message":"","node":"denoise","parameters":{"sigma":1.5},"peak_memory":2147483648,"produced":[{"annotations":{},"content":"f6a214f7a5fcda0c2cee9660b7fc29f5649e3c68aad48e20e950137c98913a68","info":{"axes":"YX","channels":["DAPI"],"dtype":"uint16","format":"ome-tiff","kind":"image","pixel_size_um":{"x":0.1,"y":0.1},"shape":[128,96]},"item":"d684f88e-60b5-4f60-ae01-e8888a5e5cbf","name":"0.ome.tif","part":"","path":"results/2026-11-22_frozen/denoise/image/0.ome.tif","port":"image","size":6}],"reused_from":null,"runtime":{"detail":"skimage:0.1","identity":"image sha256:0a","name":"container"},"started":"2026-11-22T10:15:02.123456Z","state":"done","tool":"skimage/gaussian@1.0.0"}','ff52d2eb677dd0c18f0bc15793a1e0f5cfe84cda596d640a0f31468071aa2fd7','a8d3e77df1375de1db9d8ae2b28ac7df4cb520d5a598e1eaa9b8d109af8dde46');
INSERT INTO "records" VALUES(1,2,'job','{"cause":null,"command":["python","/tool/gaussian.py","--image","/job/in/image/0.ome.tif"],"consumed":[{"content":"1ffc9c01d7415c2de065283abb820ca6b913ee52c6144ddf926725b963749d66","edge":"images -> denoise.image","item":"a9bc9023-c89c-46db-8634-515bd84ec1b2","port":"image","selector":""}],"cpu_s":0.2,"elapsed_s":0.25,"exit_code":null,"fingerprint":"b7c87af7fbeb48c5f311541e7b831786d19d31de87dbb3aa9d826081e31fb180","job":"bb30ea2f-a67c-4f0a-8837-fbc17824ebad","log":"runs/b1035138-f4fb-4883-8b74-a9c66d0b0784/logs/bb30ea2f-a67c-4f0a-8837-fbc17824ebad.log","message":"","node":"denoise","parameters":{"sigma":1.5},"peak_memory":2147483648,"produced":[{"annotations":{},"content":"f6a214f7a5fcda0c2cee9660b7fc29f5649e3c68aad48e20e950137c98913a68","info":{"axes":"YX","channels":["DAPI"],"dtype":"uint16","format":"ome-tiff","kind":"image","pixel_size_um":{"x":0.1,"y":0.1},"shape":[128,96]},"item":"a36077b5-67be-4083-a3e0-0bc05846b9df","name":"0.ome.tif","part":"","path":null,"port":"image","size":6}],"reused_from":"0c1bdb8f-9e6a-4ac3-9e85-92512909bd21","runtime":{"detail":"skimage:0.1","identity":"image sha256:0a","name":"container"},"started":"2026-11-22T10:15:02.123456Z","state":"reused","tool":"skimage/gaussian@1.0.0"}','a8d3e77df1375de1db9d8ae2b28ac7df4cb520d5a598e1eaa9b8d109af8dde46','4f9b09aea1cf6209ff56192b254bf8287411780cbe47b9c4d6e7b83a29381820');
INSERT INTO "records" VALUES(1,3,'job','{"cause":"tool error","command":["python","/tool/gaussian.py","--image","/job/in/image/0.ome.tif"],"consumed":[{"content":"f6a214f7a5fcda0c2cee9660b7fc29f5649e3c68aad48e20e950137c98913a68","edge":"images -> spots.image","item":"d684f88e-60b5-4f60-ae01-e8888a5e5cbf","port":"image","selector":""}],"cpu_s":0.2,"elapsed_s":0.25,"exit_code":1,"fingerprint":"8a3188a11ecd67abb138019e20fda86878236346ddf33be2112e11a3e33ec160","job":"813ac439-7cc6-497d-b55c-47fe8c628633","log":"runs/b1035138-f4fb-4883-8b74-a9c66d0b0784/logs/813ac439-7cc6-497d-b55c-47fe8c628633.log","message":"It did not like it.","node":"spots","parameters":{"sigma":1.5},"peak_memory":2147483648,"produced":[],"reused_from":null,"runtime":{"detail":"skimage:0.1","identity":"image sha256:0a","name":"container"},"started":"2026-11-22T10:15:02.123456Z","state":"failed","tool":"skimage/gaussian@1.0.0"}','4f9b09aea1cf6209ff56192b254bf8287411780cbe47b9c4d6e7b83a29381820','e060d7896f8c87ac62b2c4f3ee39b5666b6549241f6a993f503f23e800f0ca77');
INSERT INTO "records" VALUES(1,4,'end','{"elapsed_s":1.5,"ended":"2026-11-22T16:04:53.672587Z","jobs":{"done":1,"failed":1,"reused":1},"state":"partial"}','e060d7896f8c87ac62b2c4f3ee39b5666b6549241f6a993f503f23e800f0ca77','cf1877d597130fdfcd9a9b25f00ab2537de28257c73e65cfd782868738ed5001');
CREATE TABLE runs (
	id INTEGER NOT NULL, 
	uuid TEXT NOT NULL, 
	name TEXT NOT NULL, 
	folder TEXT NOT NULL, 
	workflow_id TEXT NOT NULL, 
	workflow_sha256 TEXT NOT NULL, 
	workflow_text TEXT NOT NULL, 
	bindings TEXT NOT NULL, 
	machine TEXT NOT NULL, 
	started TEXT NOT NULL, 
	state TEXT NOT NULL, 
	ended TEXT, 
	elapsed_s FLOAT, 
	PRIMARY KEY (id), 
	UNIQUE (uuid), 
	UNIQUE (folder)
);
INSERT INTO "runs" VALUES(1,'b1035138-f4fb-4883-8b74-a9c66d0b0784','Two populations','2026-11-22_frozen','0b9c3a54-3d1f-4c9e-9a57-1f3f3c5d2a11','da7f739f627198465eeab537a6f7a435dc4a0c332f9e4a8462293eb3f4ab7ee0','schema: bioimageit-flow/workflow/1
','{"images":"raw"}','{"host":"scope","os":"Linux 6.1","user":"ada","python":"3.12.1","program_version":"0.1.0"}','2026-11-22T10:15:02.123456Z','partial','2026-11-22T16:04:53.672587Z',1.5);
CREATE TABLE runtimes (
	id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	identity TEXT NOT NULL, 
	detail TEXT NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (name, identity, detail)
);
INSERT INTO "runtimes" VALUES(1,'container','image sha256:0a','skimage:0.1');
CREATE INDEX jobs_by_run ON jobs (run_id, node);
CREATE INDEX jobs_by_fingerprint ON jobs (fingerprint_id, state);
CREATE INDEX locations_by_content ON locations (content_id);
CREATE INDEX items_by_job ON items (job_id);
CREATE INDEX items_by_content ON items (content_id);
CREATE INDEX items_by_dataset ON items (dataset_id);
CREATE INDEX edge_executions_by_item ON edge_executions (item_id);
CREATE TRIGGER contents_no_update BEFORE UPDATE ON contents BEGIN SELECT RAISE(ABORT, 'rows of contents never change'); END;
CREATE TRIGGER contents_no_delete BEFORE DELETE ON contents BEGIN SELECT RAISE(ABORT, 'rows of contents never change'); END;
CREATE TRIGGER fingerprints_no_update BEFORE UPDATE ON fingerprints BEGIN SELECT RAISE(ABORT, 'rows of fingerprints never change'); END;
CREATE TRIGGER fingerprints_no_delete BEFORE DELETE ON fingerprints BEGIN SELECT RAISE(ABORT, 'rows of fingerprints never change'); END;
CREATE TRIGGER items_no_update BEFORE UPDATE ON items BEGIN SELECT RAISE(ABORT, 'rows of items never change'); END;
CREATE TRIGGER items_no_delete BEFORE DELETE ON items BEGIN SELECT RAISE(ABORT, 'rows of items never change'); END;
CREATE TRIGGER edges_no_update BEFORE UPDATE ON edges BEGIN SELECT RAISE(ABORT, 'rows of edges never change'); END;
CREATE TRIGGER edges_no_delete BEFORE DELETE ON edges BEGIN SELECT RAISE(ABORT, 'rows of edges never change'); END;
CREATE TRIGGER edge_executions_no_update BEFORE UPDATE ON edge_executions BEGIN SELECT RAISE(ABORT, 'rows of edge_executions never change'); END;
CREATE TRIGGER edge_executions_no_delete BEFORE DELETE ON edge_executions BEGIN SELECT RAISE(ABORT, 'rows of edge_executions never change'); END;
CREATE TRIGGER records_no_update BEFORE UPDATE ON records BEGIN SELECT RAISE(ABORT, 'rows of records never change'); END;
CREATE TRIGGER records_no_delete BEFORE DELETE ON records BEGIN SELECT RAISE(ABORT, 'rows of records never change'); END;
CREATE TRIGGER annotation_changes_no_update BEFORE UPDATE ON annotation_changes BEGIN SELECT RAISE(ABORT, 'rows of annotation_changes never change'); END;
CREATE TRIGGER annotation_changes_no_delete BEFORE DELETE ON annotation_changes BEGIN SELECT RAISE(ABORT, 'rows of annotation_changes never change'); END;
COMMIT;
