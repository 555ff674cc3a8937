using ModelRunner.Engines.Onnx.Config;
using ModelRunner.Engines.Onnx.Runtime;

namespace ModelRunner.Engines.Onnx.Tests.Config;

public sealed class ProviderChoiceTests
{
    private static readonly Dictionary<string, string> None = [];

    [Fact]
    public void Make_CpuBuild_HasNoneOfThem()
    {
        var choice = ProviderChoice.Make([new("cuda", None), new("dml", None)], ["CPUExecutionProvider"]);
        Assert.Empty(choice.Usable);
        Assert.Equal(["cuda", "dml"], choice.Missing);
    }

    [Fact]
    public void Make_CudaBuild_TakesItUnderTheLibrarysName()
    {
        var settings = new Dictionary<string, string> { ["device_id"] = "1" };
        var choice = ProviderChoice.Make([new("cpu", None), new("Cuda", settings)], ["CUDAExecutionProvider", "CPUExecutionProvider"]);
        var provider = Assert.Single(choice.Usable);
        Assert.Equal("CUDA", provider.Name);
        Assert.Equal("1", provider.Options["device_id"]);
        Assert.Empty(choice.Missing);
    }
}
