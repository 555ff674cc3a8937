using System.Globalization;
using System.Text;

namespace ModelRunner.PocketModel.Evaluation;

/// <summary>Draws the trainer's loss over the tokens it has seen, both on a logarithmic scale, as SVG.</summary>
internal static class LossPlot
{
    private const int Width = 800;
    private const int Height = 400;
    private const int Margin = 50;

    // Points that one mean of the smoothed line covers.
    private const int Window = 10;

    public static void Write(string csv, string svg)
    {
        var points = File.ReadLines(csv).Select(line => line.Split(','))
            .Select(parts => (Tokens: Number(parts[1]), Loss: Number(parts[2]))).ToArray();
        if (points.Length < 2)
            throw new InvalidDataException($"{csv} has fewer than two points.");

        double left = Math.Log10(points[0].Tokens), right = Math.Log10(points[^1].Tokens);
        double bottom = Math.Log10(points.Min(point => point.Loss)), top = Math.Log10(points.Max(point => point.Loss));
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" font-family=\"sans-serif\" font-size=\"12\"><rect width=\"100%\" height=\"100%\" fill=\"white\"/>");
        foreach (var loss in (double[])[0.05, 0.1, 0.2, 0.5, 1, 2, 5])
            if (Math.Log10(loss) >= bottom && Math.Log10(loss) <= top)
                text.Append(CultureInfo.InvariantCulture, $"<path d=\"M{Margin} {Y(loss):F1}H{Width - 10}\" stroke=\"#ddd\"/><text x=\"8\" y=\"{Y(loss) + 4:F1}\">{loss}</text>");
        for (var tokens = 1e5; tokens <= points[^1].Tokens; tokens *= 10)
            if (Math.Log10(tokens) >= left)
                text.Append(CultureInfo.InvariantCulture, $"<path d=\"M{X(tokens):F1} 10V{Height - Margin}\" stroke=\"#ddd\"/><text x=\"{X(tokens) - 12:F1}\" y=\"{Height - Margin + 18}\">{tokens / 1e6} M</text>");
        text.Append(Line(points, "#b8cbe0", 1));
        var smooth = points.Select((point, index) => (point.Tokens, Loss: points.Skip(Math.Max(0, index - Window + 1)).Take(Math.Min(index + 1, Window)).Average(item => item.Loss))).ToArray();
        text.Append(Line(smooth, "#1f5fa8", 2));
        text.Append(CultureInfo.InvariantCulture, $"<text x=\"{Width / 2}\" y=\"{Height - 8}\">tokens</text><text x=\"{Margin + 8}\" y=\"22\">loss on answers</text></svg>\n");
        File.WriteAllText(svg, text.ToString());

        double X(double tokens) => Margin + (Math.Log10(tokens) - left) / (right - left) * (Width - Margin - 10);

        double Y(double loss) => 10 + (top - Math.Log10(loss)) / (top - bottom) * (Height - Margin - 10);

        string Line((double Tokens, double Loss)[] line, string colour, int width) => string.Create(
            CultureInfo.InvariantCulture,
            $"<polyline fill=\"none\" stroke=\"{colour}\" stroke-width=\"{width}\" points=\"{string.Join(' ', line.Select(point => string.Create(CultureInfo.InvariantCulture, $"{X(point.Tokens):F1},{Y(point.Loss):F1}")))}\"/>");
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
