/**
 * From 1.29 on, onnxruntime for Linux and macOS reports the models that it loads to its publisher, and stores an identifier
 * of the machine in the home folder, unless the process opts out before its first session (microsoft/onnxruntime, pull
 * request 27379). A worker thread's environment is a copy that native code does not see, so modules that start threads must
 * import this too.
 */
process.env['ORT_DISABLE_TELEMETRY'] = '1';
