/**
 * Every limit on what comes from outside, by its name: docs/limits.md lists them with what is said when one is passed. What
 * a deployment may change is a parameter of serverless.yml, and stands here with its default.
 */

export type SceneLimits = {
  /** Bytes in the file. Refused before one of them is read. */
  maxFileBytes: number;
  /** Bytes of data in one of its records. */
  maxRecordBytes: number;
  /** Records in the file, blank ones counted. */
  maxChips: number;
};

/**
 * The defaults of the parameters by these names.
 * - 8 GiB are read within preprocess's 900 s at 9.5 MB/s, a tenth of what S3 gives one Lambda.
 * - 64 MiB are a chip of 2,000 × 2,000 pixels in four bands of float32; a record is held in memory a few times.
 * - A million chips are two thousand parts of 512, nearly as many as a file may have.
 */
export const SCENE_LIMITS: SceneLimits = {
  maxFileBytes: 8 * 1024 ** 3,
  maxRecordBytes: 64 * 1024 ** 2,
  maxChips: 1_000_000,
};

/** As far as these parameters go: a file in S3, the memory of the largest Lambda, and a record's number in Parquet (INT32). */
export const MOST_SCENE_LIMITS: SceneLimits = {
  maxFileBytes: 50 * 1024 ** 4,
  maxRecordBytes: 1024 ** 3,
  maxChips: 2 ** 31 - 1,
};

/** Protobuf fields in a record: no image needs more, and each may take 200 bytes of memory. */
export const MAX_FIELDS = 2 ** 20;

/**
 * How many times its size a scene file in gzip may unpack to, where that is more than `maxRecordBytes`: deflate reaches 1,032, but of a
 * large file only where nothing is in it. Images reach two to ten.
 */
export const MAX_GUNZIP_RATIO = 200;

/** Characters of the name of an archive's member, of which a part has as many as chips: as long as a key may be. */
export const MAX_MEMBER_NAME_LENGTH = 1024;

/** Bytes of a tar's header that is a text: a member's long name, and what else was kept of the file, have a few hundred. */
export const MAX_TAR_HEADER_BYTES = 1024 ** 2;

/** Bytes of a zip's directory: 65,535 files, as many as zip has without zip64, of 250 each. */
export const MAX_ZIP_DIRECTORY_BYTES = 16 * 1024 ** 2;

/** Columns of a table, of which a package names at most a thousand: wider ones are hardly meant as rows of a model. */
export const MAX_TABLE_COLUMNS = 10_000;

/** Characters of a row of a CSV file: ten thousand columns of a hundred. */
export const MAX_ROW_LENGTH = 1024 ** 2;

/** Truths in a file of them, each of which takes some hundred bytes of memory: as many as a scene file may have chips by default. */
export const MAX_FILE_TRUTHS = 1_000_000;

/** Bytes of a Parquet file's footer, each of which may take ten of memory: one of a thousand columns in a hundred groups of rows has 10 MB. */
export const MAX_PARQUET_FOOTER_BYTES = 16 * 1024 ** 2;

/** Bytes of a prepared part, of which two are in memory, one that is filled and one that is written: large chips come fewer to a part. */
export const MAX_PART_BYTES = 16 * 1024 ** 2;

/**
 * Parts of a scene file. An execution has 25,000 events, of which a part takes seven, and three more when it is tried again:
 * there is room for each of so many to be. https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
 */
export const MAX_PARTS = 2400;

/** Bytes of UTF-8 in a key, as S3 has it. https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
export const MAX_KEY_BYTES = 1024;

/** Characters of an object version's id, as S3 has it. https://docs.aws.amazon.com/AmazonS3/latest/userguide/versioning-workflows.html */
export const MAX_VERSION_ID_LENGTH = 1024;

/** Bytes of `item.json`, of `reference.json`, of `README.md`, of `promoted.json` and of `serving.json`: the item of a thousand bands and a thousand classes has 0.3 MB. */
export const MAX_PACKAGE_TEXT_BYTES = 1024 ** 2;

/** Models that are live at once: whoever begins with a file asks for the promoted version of each. */
export const MAX_SERVED_MODELS = 20;

/** Patterns of the keys that a model takes: each is tried on the key of each file. */
export const MAX_KEY_PATTERNS = 100;

/** Bytes of an ONNX model. While it is loaded it is in memory three times, and infer has 1,769 MB by default. */
export const MAX_MODEL_BYTES = 512 * 1024 ** 2;

/** Bands of a scene file, and of a model: imaging spectrometers have up to 426. */
export const MAX_BANDS = 1000;

/** Bands of a package's profile, and bins of one: what they add up to stays below 2 KB of a run's row. Optical sensors have up to 13 bands. */
export const MAX_PROFILE_BANDS = 16;
export const MAX_PROFILE_BINS = 14;

/** Inputs of a model: sensors, dates and heights are a handful. */
export const MAX_INPUTS = 16;

/** Classes of a model: each is a metric, of which PutMetricData takes a thousand, and a count in a ledger's row of 400 KB. */
export const MAX_CLASSES = 1000;

/**
 * Classes of a model whose confusion matrix is kept of each run and day: at most 4,032 pairs, of some ten bytes each in the ledger's row and twenty
 * in the metrics table's, which end at 400 KB. Of more, recall and precision of each class are kept, and the day's report has the matrix.
 */
export const MAX_CONFUSION_CLASSES = 64;

/**
 * Bytes of a request, and of its answer. SQS takes 1 MiB since August 2025, but queues that were made before, and other software
 * that speaks its language, may take no more than this.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
 */
export const MAX_QUEUE_MESSAGE_BYTES = 256 * 1024;

/** Inputs of a request: an answer of so many has room for 260 bytes each. */
export const MAX_REQUEST_INPUTS = 1000;

/** Bytes of an image that a request names by its address: a photograph has a tenth of it, and two of them fit beside a model. */
export const MAX_FETCHED_BYTES = 32 * 1024 ** 2;

/** Images that a request names by their addresses: each may take seconds, and a request has thirty. */
export const MAX_FETCHED_INPUTS = 16;

/** Pixels of the masks that an answer over HTTP brings along: as base64 of PNG, at worst 6 MB, which is what Lambda answers. */
export const MAX_MASK_PIXELS = 2048 * 2048;

/**
 * Bytes of what a function answers, as Lambda carries it.
 * https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
export const MAX_LAMBDA_ANSWER_BYTES = 6 * 1024 ** 2;

/** How many times its own size an image of a request may be resized to: of one that is smaller, hardly anything is left to see. */
export const MAX_ENLARGEMENT = 8;

/** Features that a package passes through: each is a column of the predictions. */
export const MAX_CARRIED = 32;

/** Characters of the text of such a feature, of which a part has as many as chips: a name or an address, not a document. */
export const MAX_CARRIED_LENGTH = 256;

/** Entries of any other list of `item.json`, and its assets. */
export const MAX_ENTRIES = 1000;

/** Characters of the name of a band, of a class and of a feature: they are columns, keys and dimensions of metrics. */
export const MAX_LABEL_LENGTH = 128;

/** Characters of the name of a model, version or file: well inside what S3 keys (1,024 bytes) and Windows paths (260) allow. */
export const MAX_NAME_LENGTH = 64;

/** Characters of a band's expression, which is a line, not a program: NDVI has 30, EVI 45. */
export const MAX_EXPRESSION_LENGTH = 1000;

/** Parentheses and signs of an expression within one another; a level costs at most two more planes of memory. */
export const MAX_EXPRESSION_NESTING = 32;

export const MAX_SIDE = 32_768;

/** Values in a chip's bands together: 256 MB of float32. */
export const MAX_VALUES_PER_CHIP = 2 ** 26;

/** Values of a batch, 64 MB of float32: batches of large chips are smaller, or they would fit no memory that a Lambda has by default. */
export const MAX_VALUES_PER_BATCH = 2 ** 24;

/** Chips of a batch: more cost memory (469 MB at 256 chips of 65 × 65 × 4) and gain no speed. */
export const MAX_BATCH_SIZE = 256;

/** Messages of an ONNX model within one another, as protobuf's own readers have it. https://protobuf.dev/programming-guides/proto-limits/ */
export const MAX_ONNX_NESTING = 100;

/** Protobuf fields that are looked at in an ONNX model; a graph of a thousand nodes has fifty thousand. */
export const MAX_ONNX_FIELDS = 2 ** 24;

/** Seconds that a model may take to load and to classify one batch, before it is published or promoted: a part of eight batches has infer's 300. */
export const MAX_TRIAL_SECONDS = 60;

/** Bytes of memory that the process of such a trial may take: more than twice what infer has by default. */
export const MAX_TRIAL_BYTES = 4 * 1024 ** 3;

/** Seconds that a model may take for one call, to load or to classify a batch, on a laptop: twice what it had in its trial, and two of them are over before infer's 300. */
export const MAX_MODEL_CALL_SECONDS = 120;

/** Pixels of a band of a picture, 131,072 × 131,072. No picture that is larger could be cut within preprocess's 900 s. */
export const MAX_RASTER_PIXELS = 2 ** 34;

/** Blocks of a picture: where each begins and ends takes 16 bytes of memory. Sentinel-2's 10,980² in strips of one row has 11,000 a band. */
export const MAX_RASTER_BLOCKS = 2 ** 22;

/** Image file directories of a TIFF: an image, its mask and their overviews are thirty. Each may cost a request. */
export const MAX_TIFF_DIRECTORIES = 256;

/** Entries of an image file directory: TIFF and GeoTIFF together know about a hundred. */
export const MAX_TIFF_TAGS = 4096;

/** Bytes of a TIFF's text or table that is read whole, such as GDAL's metadata: those of a thousand bands have 0.2 MB. */
export const MAX_TIFF_TAG_BYTES = 1024 ** 2;

/** Tile-parts of a JPEG 2000 file: a tile mostly has one, and there are at most 65,535 tiles. */
export const MAX_TILE_PARTS = 2 ** 18;

/** Bytes of a world file or an `.aux.xml` beside a picture: GDAL's own, with a histogram of a band of 16 bits, have 0.4 MB. */
export const MAX_SIBLING_BYTES = 1024 ** 2;

/** Scans of a JPEG, of which each costs the time of a look at all of its pixels: libjpeg's own progressive files have ten. */
export const MAX_JPEG_SCANS = 500;

/** Bytes of a STAC Item that is a scene: those of Sentinel-2 have 0.03 MB. */
export const MAX_SCENE_ITEM_BYTES = 1024 ** 2;
