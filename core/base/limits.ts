/**
 * Every limit on external input, by name: docs/limits.md lists them with the message for exceeding each. Limits that a
 * deployment may change are parameters of serverless.yml; their defaults are here.
 */

export type SceneLimits = {
  /** Bytes in the file. A larger file is rejected before it is read. */
  maxFileBytes: number;
  maxRecordBytes: number;
  /** Records in the file, including blank ones. */
  maxChips: number;
};

/**
 * The defaults of the parameters with these names.
 *
 * - 8 GiB take preprocess's 900 s at 9.5 MB/s, a tenth of what S3 delivers to one Lambda.
 * - 64 MiB are a chip of 2,000 × 2,000 pixels in four float32 bands; a record is held in memory a few times.
 * - A million chips are two thousand parts of 512, nearly the most that a file may have.
 */
export const SCENE_LIMITS: SceneLimits = { maxFileBytes: 8 * 1024 ** 3, maxRecordBytes: 64 * 1024 ** 2, maxChips: 1e6 };

/** The parameters' maxima: an S3 object's size, the largest Lambda's memory, a record's number in Parquet (INT32). */
export const MOST_SCENE_LIMITS: SceneLimits = {
  maxFileBytes: 50 * 1024 ** 4,
  maxRecordBytes: 1024 ** 3,
  maxChips: 2 ** 31 - 1,
};

/** Protobuf fields in a record: no image needs more, and each may take 200 bytes of memory. */
export const MAX_FIELDS = 2 ** 20;

/**
 * How many times its size a gzipped scene file may unpack to, if that exceeds `maxRecordBytes`: deflate reaches 1,032, but
 * only for large files without content. Images reach two to ten.
 */
export const MAX_GUNZIP_RATIO = 200;

/** Characters in the name of an archive's member, as many as in a key; a part has one per chip. */
export const MAX_MEMBER_NAME_LENGTH = 1024;

/** Characters in the id of a record of features: a key of DynamoDB has 1,024 bytes, and a character up to three. */
export const MAX_FEATURE_ID_LENGTH = 256;

/** Bytes of a record's features as JSON: an item of DynamoDB has 400 KB, in which a number takes up to 21. */
export const MAX_FEATURE_RECORD_BYTES = 100_000;

/** Bytes of text in a tar header: a member's long name and other metadata take a few hundred. */
export const MAX_TAR_HEADER_BYTES = 1024 ** 2;

/** Bytes of a zip's directory: 65,535 files at 250 bytes each. */
export const MAX_ZIP_DIRECTORY_BYTES = 16 * 1024 ** 2;

/** Bytes of one metadata file of Sentinel-2 or Landsat: those of a tile with its grids of angles have up to 1 MB. */
export const MAX_PRODUCT_METADATA_BYTES = 8 * 1024 ** 2;

/** Files of a scene's tar, each of which takes a request: a Sentinel-2 tile has some 150. */
export const MAX_PRODUCT_FILES = 5000;

/** Columns of a table. A package names at most a thousand, so wider tables are hardly meant for a model. */
export const MAX_TABLE_COLUMNS = 10_000;

/** Characters in a row of a CSV file: ten thousand columns of a hundred. */
export const MAX_ROW_LENGTH = 1024 ** 2;

/** Truths in a file, each of which takes some hundred bytes of memory: the default number of chips in a scene file. */
export const MAX_FILE_TRUTHS = 1_000_000;

/** Bytes of a Parquet footer, each of which may take ten of memory: a thousand columns in 100 row groups have 10 MB. */
export const MAX_PARQUET_FOOTER_BYTES = 16 * 1024 ** 2;

/** Bytes of a prepared part. Two are in memory, one being filled and one being written; parts of large chips hold fewer. */
export const MAX_PART_BYTES = 16 * 1024 ** 2;

/**
 * Parts of a scene file. An execution has 25,000 events. A part takes seven, and three more for a retry: there is room for
 * each part to be retried. https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
 */
export const MAX_PARTS = 2400;

/** Bytes of UTF-8 in a key, S3's limit. https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
export const MAX_KEY_BYTES = 1024;

/** S3's limit of a version's id: https://docs.aws.amazon.com/AmazonS3/latest/userguide/versioning-workflows.html */
export const MAX_VERSION_ID_LENGTH = 1024;

/** Of item.json, reference.json, README.md, promoted.json, serving.json: a thousand bands and classes take 0.3 MB. */
export const MAX_PACKAGE_TEXT_BYTES = 1024 ** 2;

/** Characters of a text that are tokenized, 128 for each of 512 tokens; a model reads no more than its tokens. */
export const MAX_TEXT_CHARACTERS = 2 ** 16;

/**
 * Bytes of a package's file of polygons: 10,000 of 17 corners. Each function that loads the package reads it, which takes 15 times its size for a moment;
 * the smallest has 256 MB of memory.
 */
export const MAX_POLYGONS_BYTES = 4 * 1024 ** 2;

/** Of tokenizer.json and tokenizer_config.json: the largest usual ones, of 250,000 tokens, have 17 MB. Each function that loads the package reads them. */
export const MAX_TOKENIZER_BYTES = 20 * 1024 ** 2;

/** Models that are live at once: the first step of a file looks up the promoted version of each. */
export const MAX_SERVED_MODELS = 20;

/** Patterns of the keys that a model takes; each is matched against each file's key. */
export const MAX_KEY_PATTERNS = 100;

/** Bytes of an ONNX model. While it is loaded it is in memory three times, and infer has 1,769 MB by default. */
export const MAX_MODEL_BYTES = 512 * 1024 ** 2;

/**
 * The same for a model that jobs in containers run: the largest message of protobuf, which the model is with its data.
 * https://protobuf.dev/programming-guides/proto-limits/
 */
export const MAX_BATCH_MODEL_BYTES = 2 ** 31 - 1;

/** Bands of a scene file, and of a model: imaging spectrometers have up to 426. */
export const MAX_BANDS = 1000;

/** Bands of a package's profile, and bins of one: their sums stay below 2 KB of a run's row. Sensors have up to 13. */
export const MAX_PROFILE_BANDS = 16;
export const MAX_PROFILE_BINS = 14;

/** Inputs of a model: sensors, dates and elevations are a handful. */
export const MAX_INPUTS = 16;

/** Classes of a model: each is a metric, of which PutMetricData takes a thousand, and a count in a ledger row of 400 KB. */
export const MAX_CLASSES = 1000;

/**
 * Classes of a model whose confusion matrix is kept per run and day: at most 4,032 pairs, of some ten bytes each in a
 * ledger row and forty, with their land, in a row of the metrics table, which are limited to 400 KB. With more classes, recall and precision
 * per class are kept, and the day's report has the matrix.
 */
export const MAX_CONFUSION_CLASSES = 64;

/**
 * Bytes of a request, and of its answer. SQS accepts 1 MiB since August 2025, but older queues and compatible software may
 * accept no more than this. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
 */
export const MAX_QUEUE_MESSAGE_BYTES = 256 * 1024;

/** Inputs of a request: an answer then has room for 260 bytes each. */
export const MAX_REQUEST_INPUTS = 1000;

/** Values, names and lists in a body of JSON over HTTP: a thousand digits of 28 × 28 numbers are 800,000. */
export const MAX_JSON_VALUES = 1_000_000;

/** Lists and objects within each other in such a body: the values of a chip are six deep. */
export const MAX_JSON_NESTING = 32;

/** Bytes of a body of truths: a thousand of four times what a long key takes. */
export const MAX_TRUTH_BYTES = 4 * 1024 ** 2;

/** Bytes of an image that a request names by address: a photograph has a tenth of that, and two fit beside a model. */
export const MAX_FETCHED_BYTES = 32 * 1024 ** 2;

/** Images that a request names by address: each may take seconds, and a request has thirty. */
export const MAX_FETCHED_INPUTS = 16;

/** Pixels of the masks in an answer over HTTP: at worst 6 MB as base64 of PNG, which is Lambda's limit. */
export const MAX_MASK_PIXELS = 2048 * 2048;

/** Bytes of a function's response: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
export const MAX_LAMBDA_ANSWER_BYTES = 6 * 1024 ** 2;

/** The factor by which an image of a request may be enlarged: of a smaller image, hardly anything is left to see. */
export const MAX_ENLARGEMENT = 8;

/** Features that a package passes through: each is a column of the predictions. */
export const MAX_CARRIED = 32;

/** Characters in the text of such a feature: a name or an address, not a document. A part has one per chip. */
export const MAX_CARRIED_LENGTH = 256;

/** Entries of any other list of `item.json`, and its assets. */
export const MAX_ENTRIES = 1000;

/** Characters in the name of a band, class or feature, which become columns, keys and dimensions of metrics. */
export const MAX_LABEL_LENGTH = 128;

/** Characters in the name of a model, version or file: below those of S3 keys (1,024 bytes) and Windows paths (260). */
export const MAX_NAME_LENGTH = 64;

/** Characters in a band's expression, which is a line, not a program: NDVI has 30, EVI 45. */
export const MAX_EXPRESSION_LENGTH = 1000;

/** Nesting of parentheses and signs in an expression; a level costs at most two more planes of memory. */
export const MAX_EXPRESSION_NESTING = 32;

export const MAX_SIDE = 32_768;

/** Values in all bands of a chip: 256 MB of float32. */
export const MAX_VALUES_PER_CHIP = 2 ** 26;

/** Values in a batch, 64 MB of float32: batches of large chips are smaller, to fit into a Lambda's default memory. */
export const MAX_VALUES_PER_BATCH = 2 ** 24;

/** Chips of a batch: more cost memory (469 MB at 256 chips of 65 × 65 × 4) and gain no speed. */
export const MAX_BATCH_SIZE = 256;

/** Nesting of an ONNX model's messages: protobuf's own limit. https://protobuf.dev/programming-guides/proto-limits/ */
export const MAX_ONNX_NESTING = 100;

/** Protobuf fields that are visited in an ONNX model; a graph of a thousand nodes has fifty thousand. */
export const MAX_ONNX_FIELDS = 2 ** 24;

/** Seconds to load a model and classify a batch, before it is published or promoted: eight batches have infer's 300. */
export const MAX_TRIAL_SECONDS = 60;

/** Bytes of memory of the process of such a trial: more than twice infer's default. */
export const MAX_TRIAL_BYTES = 4 * 1024 ** 3;

/** Seconds for a call of a model (loading, or a batch) on a laptop: twice its trial's, and two fit into infer's 300. */
export const MAX_MODEL_CALL_SECONDS = 120;

/** Pixels of a band of an image, 131,072 × 131,072. A larger image could not be cut within preprocess's 900 s. */
export const MAX_RASTER_PIXELS = 2 ** 34;

/** Blocks of an image, of 16 bytes of memory each. Sentinel-2's 10,980² in strips of one row has 11,000 per band. */
export const MAX_RASTER_BLOCKS = 2 ** 22;

/** Image file directories of a TIFF: an image, its mask and their overviews are thirty. Each may cost a request. */
export const MAX_TIFF_DIRECTORIES = 256;

/** Entries of an image file directory: TIFF and GeoTIFF together define about a hundred. */
export const MAX_TIFF_TAGS = 4096;

/** Bytes of a TIFF's text or table that is read whole, such as GDAL's metadata: a thousand bands take 0.2 MB. */
export const MAX_TIFF_TAG_BYTES = 1024 ** 2;

/** Bytes of the texts of GeoTIFF keys, which go with a run to its map: EPSG's longest well-known text has 20,000. */
export const MAX_GEO_TEXT_BYTES = 2 ** 16;

/** Tile-parts of a JPEG 2000 file: a tile usually has one, and there are at most 65,535 tiles. */
export const MAX_TILE_PARTS = 2 ** 18;

/** Bytes of a world file or an `.aux.xml` beside an image: GDAL's, with a histogram of a 16-bit band, has 0.4 MB. */
export const MAX_SIBLING_BYTES = 1024 ** 2;

/** Bytes of a mask beside an image, which is read whole: of a Sentinel-2 tile it seldom has 1 MB. */
export const MAX_MASK_FILE_BYTES = 64 * 1024 ** 2;

/** Scans of a JPEG. Each takes a pass over all pixels; libjpeg's own progressive files have ten. */
export const MAX_JPEG_SCANS = 500;

/** Bytes of a NetCDF4 or HDF5 file, which is held in memory beside 512 MiB of its decoded blocks. */
export const MAX_HDF5_BYTES = 512 * 1024 ** 2;

/** Bytes of a STAC Item that is a scene: those of Sentinel-2 have 0.03 MB. */
export const MAX_SCENE_ITEM_BYTES = 1024 ** 2;

/** Positions of the area that limits a scene, each of which may cross every row of it: a country's border in detail has some thousand. */
export const MAX_AREA_POSITIONS = 10_000;

/** Items that one look at a feed lists: a year of the whole earth of Sentinel-2 has fifty times as many. */
export const MAX_FEED_ITEMS = 100_000;

/** Objects that one look at an inventory lists: three thousand pages, for which the function has time. */
export const MAX_INVENTORY_OBJECTS = 3_000_000;

/** Bytes of one answer of a STAC API: a hundred Items of Landsat have 2 MB. */
export const MAX_API_BYTES = 32 * 1024 ** 2;
