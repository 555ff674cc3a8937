#!/usr/bin/env dotnet
#:package OpenAI@2.15.0

// OpenAI's SDK: dotnet run chat.cs
using System.ClientModel;
using OpenAI;

var address = Environment.GetEnvironmentVariable("MODEL_RUNNER_URL") ?? "http://localhost:12434/engines/v1";
var client = new OpenAIClient(new ApiKeyCredential("not-needed"), new OpenAIClientOptions { Endpoint = new Uri(address) })
    .GetChatClient(Environment.GetEnvironmentVariable("MODEL_RUNNER_MODEL") ?? "ai/pocket");

await foreach (var update in client.CompleteChatStreamingAsync("Explain Docker in 100 words."))
    foreach (var part in update.ContentUpdate)
        Console.Write(part.Text);

Console.WriteLine();
