using ModelRunner.Export.GenAi;

namespace ModelRunner.Cli.Terminal;

/// <summary>Shows a conversion.</summary>
internal sealed class ConversionBar(ProgressBar bar) : IProgress<ConversionProgress>
{
    public void Report(ConversionProgress value) => bar.Show(value.WrittenBytes, value.TotalBytes);
}
