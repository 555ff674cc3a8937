using System.Text.Json;
using ModelRunner.Wire.OpenAi;

namespace ModelRunner.Server.Tests.Endpoints;

public sealed class BadRequestTests
{
    [Fact]
    public async Task BadRequests_OfTheTable_HaveTheirStatusAndNameTheirField()
    {
        Assert.True(BadRequest.All.Count >= 80);
        await using var server = await TestServer.StartAsync();
        var wrong = new List<string>();
        foreach (var bad in BadRequest.All)
        {
            using var response = await server.PostAsync(bad.Path, bad.Body);
            var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            var error = JsonSerializer.Deserialize(text, OpenAiJson.Relaxed.ErrorBody)?.Error;
            if ((int)response.StatusCode != bad.Status || error?.Param != bad.Parameter || error?.Type != "invalid_request_error")
                wrong.Add($"{bad.Path} {bad.Body[..Math.Min(bad.Body.Length, 200)]}\n  {(int)response.StatusCode}: {text}");
        }

        Assert.True(wrong.Count == 0, $"{wrong.Count} of {BadRequest.All.Count}:\n{string.Join('\n', wrong)}");
        TestContext.Current.SendDiagnosticMessage($"{BadRequest.All.Count} rows");
    }
}
