/**
 * How SST bundles each function; a part of the infrastructure that the measurements share.
 *
 * What is imported only when it is needed lies in files of its own, which a cold start does not read. Names of functions cost a
 * tenth of the code and are not kept: the source map, which travels in the zip and is read only when something goes wrong,
 * says more. SST would upload the maps instead, for its own console, and not even that for a function that has its log group from us.
 */
export const BUNDLE = { minify: true, splitting: true, sourcemap: true, esbuild: { keepNames: false } }
