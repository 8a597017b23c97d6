module.exports = ({ options }) => require('./requireTypeScript.cjs')(`${__dirname}/preflight.ts`).regionOf(options);
