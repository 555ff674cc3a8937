using System.Diagnostics;
using System.Text.Json;
using ModelRunner.Testing;

namespace ModelRunner.Cli.Tests;

public sealed class PackagingTests
{
    // A package of native code for no machine in particular was an ordinary library, which no one could install as a tool.
    [Theory]
    [InlineData("", "true", "")]
    [InlineData("linux-x64", "", "true")]
    public async Task Project_WithAndWithoutAMachine_IsNativeCodeOrATool(string machine, string isTool, string isNative)
    {
        var start = new ProcessStartInfo(
            "dotnet",
            ["msbuild", Path.Combine(Repository.Root, "src", "Cli", "Cli.csproj"), "-getProperty:PackAsTool", "-getProperty:PublishAot", $"-p:RuntimeIdentifier={machine}"]);

        var (exitCode, output, error) = await CommandLine.RunAsync(start, "");

        Assert.True(exitCode == 0, output + error);
        var properties = JsonDocument.Parse(output).RootElement.GetProperty("Properties");
        Assert.Equal((isTool, isNative), (properties.GetProperty("PackAsTool").GetString(), properties.GetProperty("PublishAot").GetString()));
    }
}
