/** What the service takes of Glue's client, as a file that is loaded when it is needed: of the package, that would be all of it. */
export { CreatePartitionCommand, GlueClient } from '@aws-sdk/client-glue';
