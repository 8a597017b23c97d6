/** Reading what was published: CloudWatch in an account, the embedded stack's store on a laptop. */
