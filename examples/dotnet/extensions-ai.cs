#!/usr/bin/env dotnet
#:package Microsoft.Extensions.AI.OpenAI@10.11.0

// Microsoft.Extensions.AI: dotnet run extensions-ai.cs
using System.ClientModel;
using Microsoft.Extensions.AI;
using OpenAI;

var address = Environment.GetEnvironmentVariable("MODEL_RUNNER_URL") ?? "http://localhost:12434/engines/v1";
var model = Environment.GetEnvironmentVariable("MODEL_RUNNER_MODEL") ?? "ai/pocket";
var client = new OpenAIClient(new ApiKeyCredential("not-needed"), new OpenAIClientOptions { Endpoint = new Uri(address) });

IChatClient chat = client.GetChatClient(model).AsIChatClient();
var answer = await chat.GetResponseAsync("Explain Docker in 100 words.", new ChatOptions { MaxOutputTokens = 200 });
Console.WriteLine(answer.Text);
Console.WriteLine($"{answer.Usage?.InputTokenCount} tokens in, {answer.Usage?.OutputTokenCount} out");

IEmbeddingGenerator<string, Embedding<float>> embeddings = client.GetEmbeddingClient(model).AsIEmbeddingGenerator();
var vector = await embeddings.GenerateVectorAsync("Containers share the kernel of their host.");
Console.WriteLine($"a vector of {vector.Length} numbers");
