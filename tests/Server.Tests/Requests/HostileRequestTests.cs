using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using ModelRunner.Server.Requests;
using ModelRunner.Testing;

namespace ModelRunner.Server.Tests.Requests;

public sealed class HostileRequestTests(ITestOutputHelper output)
{
    /// <summary>Whatever is sent is answered: done, or refused as OpenAI refuses. The server is as before in the end.</summary>
    [Fact]
    public async Task Server_UnderHostileRequests_AnswersEachAndHoldsNothing()
    {
        await using var server = await TestServer.StartAsync();
        var counts = new Dictionary<HttpStatusCode, int>();
        var constrained = 0;
        var count = Campaign.Count(2_000, 100_000);
        for (var seed = 0; seed < count; seed++)
        {
            var (path, body) = new HostileBodies(seed).Next();
            using var content = new ByteArrayContent(body);
            content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            using var response = await server.Client.PostAsync(
                new Uri(path, UriKind.Relative), content, TestContext.Current.CancellationToken);
            var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            counts[response.StatusCode] = counts.GetValueOrDefault(response.StatusCode) + 1;
            if (response.StatusCode == HttpStatusCode.OK)
            {
                if (HostileBodies.HasConstraint(body)) constrained++;
                continue;
            }

            var because = $"seed {seed}: {Encoding.UTF8.GetString(body)}\n{(int)response.StatusCode}: {text}";
            Assert.True((int)response.StatusCode is >= 400 and < 500, because);
            var error = JsonSerializer.Deserialize(text, Wire.OpenAi.OpenAiJson.Relaxed.ErrorBody)?.Error;
            Assert.True(error?.Type == "invalid_request_error", because);
        }

        output.WriteLine($"{string.Join(", ", counts.Select(entry => $"{(int)entry.Key}: {entry.Value}"))}; answered with tools or a schema: {constrained}");
        if (SchemaValues.AreKnown) Assert.True(constrained > count / 200);
        Assert.True(counts[HttpStatusCode.OK] > count / 100);
        Assert.True(counts[HttpStatusCode.BadRequest] > count / 3);

        // A response's place is given back just after its last byte.
        var budget = server.Services.GetRequiredService<RequestBudget>();
        while (budget.RequestCount > 0) await Task.Yield();
        Assert.Equal(0, budget.ByteCount);
        Assert.All((await server.GetForJsonAsync("/engines/ps")).EnumerateArray(), resident => Assert.False(resident.GetProperty("in_use").GetBoolean()));
    }
}
