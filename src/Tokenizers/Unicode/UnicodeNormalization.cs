using System.Runtime.InteropServices;
using System.Text;

namespace ModelRunner.Tokenizers.Unicode;

/// <summary>
/// The normalization forms of Unicode Standard Annex 15. Our own, because .NET without ICU returns text as it is.
/// </summary>
internal static class UnicodeNormalization
{
    // Hangul syllables are computed: the Unicode Standard, section 3.12.
    private const int SyllableBase = 0xAC00;
    private const int LeadBase = 0x1100;
    private const int VowelBase = 0x1161;
    private const int TrailBase = 0x11A7;
    private const int LeadCount = 19;
    private const int VowelCount = 21;
    private const int TrailCount = 28;
    private const int SyllableCount = LeadCount * VowelCount * TrailCount;

    public static string Normalize(string text, NormalizationForm form)
    {
        // Below U+0300 no character combines; ASCII is the same in every form.
        var stable = form == NormalizationForm.FormC ? '\u02FF' : '\u007F';
        if (!text.AsSpan().ContainsAnyExceptInRange('\0', stable))
            return text;

        var tables = NormalizationTables.Instance;
        var points = Decompose(text, tables, form is NormalizationForm.FormKC or NormalizationForm.FormKD);
        var count = form is NormalizationForm.FormC or NormalizationForm.FormKC
            ? Compose(CollectionsMarshal.AsSpan(points), tables)
            : points.Count;

        var result = new StringBuilder(text.Length);
        for (var i = 0; i < count; i++)
            CodePoint.Append(result, points[i]);
        return result.ToString();
    }

    private static List<int> Decompose(string text, NormalizationTables tables, bool compatibility)
    {
        var points = new List<int>(text.Length);
        for (var i = 0; i < text.Length;)
        {
            var point = CodePoint.At(text, i, out var length);
            i += length;
            var syllable = point - SyllableBase;
            if ((uint)syllable < SyllableCount)
            {
                points.Add(LeadBase + (syllable / (VowelCount * TrailCount)));
                points.Add(VowelBase + (syllable % (VowelCount * TrailCount) / TrailCount));
                if (syllable % TrailCount != 0)
                    points.Add(TrailBase + (syllable % TrailCount));
                continue;
            }

            var parts = tables.Decompose(point, compatibility);
            if (parts.IsEmpty)
                points.Add(point);
            else
                foreach (var part in parts)
                    points.Add((int)part);
        }

        Order(CollectionsMarshal.AsSpan(points), tables);
        return points;
    }

    // Sorts each run of combining marks by class, equal ones as they stand. A run may be as long as the text.
    private static void Order(Span<int> points, NormalizationTables tables)
    {
        var keys = new List<long>();
        for (var i = 0; i < points.Length; i++)
        {
            keys.Clear();
            var start = i;
            while (i < points.Length && tables.GetClass(points[i]) is var combining and not 0)
                keys.Add(((long)combining << 32) | (uint)i++);
            if (keys.Count > 1)
                CollectionsMarshal.AsSpan(keys).Sort(points[start..i]);
        }
    }

    // Returns how many are left at the front.
    private static int Compose(Span<int> points, NormalizationTables tables)
    {
        var count = 0;
        var starter = -1;
        var lastClass = 0;
        foreach (var point in points)
        {
            var combining = tables.GetClass(point);
            var isBlocked = starter >= 0 && count - 1 > starter && lastClass >= combining;
            if (starter >= 0 && !isBlocked && Pair(points[starter], point, tables) is var composite and >= 0)
            {
                points[starter] = composite;
                continue;
            }

            if (combining == 0)
                starter = count;
            lastClass = combining;
            points[count++] = point;
        }

        return count;
    }

    private static int Pair(int first, int second, NormalizationTables tables)
    {
        if ((uint)(first - LeadBase) < LeadCount && (uint)(second - VowelBase) < VowelCount)
            return SyllableBase + ((((first - LeadBase) * VowelCount) + second - VowelBase) * TrailCount);
        if ((uint)(first - SyllableBase) < SyllableCount && (first - SyllableBase) % TrailCount == 0
            && second > TrailBase && second < TrailBase + TrailCount)
            return first + second - TrailBase;
        return tables.Compose(first, second);
    }
}
