// The Serverless Framework loads our own pieces by require(), and they are TypeScript, which Node runs as it is from 22.18 on.
module.exports = (path) => {
  if (process.features.typescript) return require(path);
  const message = `Node ${process.versions.node} does not run TypeScript. Call the Serverless Framework by npx, which brings its own Node: npx sls package.`;
  throw Object.assign(new Error(message), { stack: message });
};
