[assembly: AssemblyFixture(typeof(ModelRunner.Testing.MachineLock))]
