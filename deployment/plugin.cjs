module.exports = require('./requireTypeScript.cjs')(`${__dirname}/plugin.ts`).default;
