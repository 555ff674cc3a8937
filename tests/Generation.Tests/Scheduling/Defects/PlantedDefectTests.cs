using System.Globalization;

namespace ModelRunner.Generation.Tests.Scheduling.Defects;

/// <summary>The simulation is worth what it finds: it is let loose on the scheduler with known mistakes in it.</summary>
public sealed class PlantedDefectTests(ITestOutputHelper output)
{
    private const int Seeds = 400;

    [Fact]
    public void Simulation_EachPlantedDefect_IsFound()
    {
        var compiler = new SimulationCompiler();
        var whole = compiler.Compile(null);
        for (var seed = 0; seed < 50; seed++)
            whole(seed);

        var lines = new string[PlantedDefects.All.Count];
        Parallel.For(0, lines.Length, index =>
        {
            var defect = PlantedDefects.All[index];
            lines[index] = string.Create(CultureInfo.InvariantCulture, $"{Find(compiler.Compile(defect)),-60} {defect.Name}");
        });

        output.WriteLine(string.Join('\n', lines));
        Assert.True(lines.Length >= 10);
        Assert.DoesNotContain(lines, static line => line.StartsWith("not found", StringComparison.Ordinal));
    }

    private static string Find(Action<int> simulation)
    {
        for (var seed = 0; seed < Seeds; seed++)
        {
            try
            {
                simulation(seed);
            }
#pragma warning disable CA1031 // Whatever is thrown is how the defect shows.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                return $"seed {seed}: {exception.Message.Split('\n')[0]}";
            }
        }

        return "not found";
    }
}
