module.exports = require('../deployment/requireTypeScript.cjs')(
  `${__dirname}/cloudformation.ts`,
).observabilityResources;
