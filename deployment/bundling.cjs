const requireTypeScript = require('./requireTypeScript.cjs');

requireTypeScript(`${__dirname}/smallZips.ts`).makeZipsSmall();
module.exports = requireTypeScript(`${__dirname}/bundling.ts`).plugins;
