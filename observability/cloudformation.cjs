module.exports = require('../resources/requireTypeScript.cjs')(`${__dirname}/cloudformation.ts`).observabilityResources;
