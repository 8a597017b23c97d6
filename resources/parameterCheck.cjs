module.exports = require('./requireTypeScript.cjs')(`${__dirname}/parameterCheck.ts`).default;
