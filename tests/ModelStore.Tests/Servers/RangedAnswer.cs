using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace ModelRunner.ModelStore.Tests.Servers;

/// <summary>Bytes with ranges as HTTP has them.</summary>
internal static class RangedAnswer
{
    public static async Task WriteAsync(HttpContext context, byte[] bytes, bool hasRanges)
    {
        var range = hasRanges && RangeHeaderValue.TryParse(context.Request.Headers.Range.ToString(), out var parsed) ? parsed.Ranges.First() : null;
        var (from, to) = (range?.From ?? 0, Math.Min(range?.To ?? (bytes.Length - 1), bytes.Length - 1));
        if (range is not null)
        {
            context.Response.StatusCode = 206;
            context.Response.Headers.ContentRange = $"bytes {from}-{to}/{bytes.Length}";
        }

        context.Response.ContentLength = to - from + 1;
        if (HttpMethods.IsGet(context.Request.Method))
            await context.Response.Body.WriteAsync(bytes.AsMemory((int)from, (int)(to - from + 1)));
    }
}
