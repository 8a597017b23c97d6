/** As much of the Serverless Framework's instance as our plugin needs. */
export type Serverless = {
  processedInput: { commands: string[]; options: Options };
  configurationInput: { params?: Record<string, Record<string, unknown> | null> };
  serviceDir: string;
  service: {
    package: { path?: string };
    custom: { storage: unknown };
    functions: Record<string, { handler: string; package?: { patterns?: string[]; artifact?: string } }>;
    provider: {
      /** Such as nodejs24.x. */
      runtime: string;
      compiledCloudFormationTemplate: { Resources: Record<string, Resource> };
      /** True once it has turned out that nothing is new. */
      shouldNotDeploy?: boolean;
    };
  };
  getProvider: (name: 'aws') => {
    getStage: () => string;
    getRegion: () => string;
    getAwsSdkV3Config: () => Promise<{ region: string }>;
    naming: { getStackName: () => string };
  };
  pluginManager: { getPlugins: () => object[] };
  addServiceOutputSection: (title: string, lines: string[]) => void;
  /** An error of this class is shown as its message, without a stack trace. */
  classes: { Error: new (message: string, code: string) => Error };
};

/** What stands behind a command. */
export type Options = { param?: string[] } & Partial<Record<'package' | 'function' | 'region' | 'aws-profile', string>>;

/** Of a function, of a role, or of a policy beside its role. */
type Properties = {
  Environment: { Variables: Record<string, unknown> };
  Policies: Policy[];
  RoleName: { Ref?: string };
};
type Policy = { PolicyDocument: object };
export type Resource = { Type: string; Properties: Partial<Properties & Policy> };

/** How a plugin tells what goes on; the second argument of its constructor. */
export type Logging = {
  log: { notice: (text: string) => void };
  progress: { get: (name: string) => { notice: (text: string) => void } };
};
