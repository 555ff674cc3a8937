[assembly: AssemblyFixture(typeof(ModelRunner.Testing.MachineLock))]
[assembly: AssemblyFixture(typeof(ModelRunner.Engines.Onnx.Tests.SharedPool))]
