module.exports = require('./requireTypeScript.cjs')(`${__dirname}/bundling.ts`).plugins;
