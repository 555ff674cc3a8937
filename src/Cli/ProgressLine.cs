using System.Globalization;
using ModelRunner.Export.GenAi;

namespace ModelRunner.Cli;

/// <summary>Writes a line for each whole percent of a conversion.</summary>
internal sealed class ProgressLine(TextWriter output) : IProgress<ConversionProgress>
{
    private int _shown = -1;

    public void Report(ConversionProgress value)
    {
        var percent = value.TotalBytes == 0 ? 100 : (int)Math.Min(100, 100 * value.WrittenBytes / value.TotalBytes);
        if (percent == _shown)
            return;
        _shown = percent;
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{percent,3}%  {value.WrittenBytes >> 20} of {value.TotalBytes >> 20} MiB  {value.Weight}").TrimEnd());
    }
}
