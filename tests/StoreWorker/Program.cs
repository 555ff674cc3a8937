using ModelRunner.ModelStore.Content;
using ModelRunner.ModelStore.Transfer;
using ModelRunner.StoreWorker;

// Changes a store without end, says what it has done, and is killed at any moment. "+ name" is said after a pull, and
// "- name" before a deletion: a model is surely there when its last word is "+".
var store = ContentStore.Open(args[0], TimeProvider.System);
var random = new Random(int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture));
var models = Enumerable.Range(0, 6).Select(number => new WorkModel(number, 400_000)).ToArray();
var puller = new ArtifactPuller(store, new TransferOptions { SegmentSize = 32 << 10 }, TimeProvider.System);
Say("ready");
while (true)
{
    var model = models[random.Next(models.Length)];
    switch (random.Next(8))
    {
        case < 4:
            await puller.PullAsync(model.Manifest, model.Name, model.GetSource, null, default);
            store.GetBundleFolder(store.Find(model.Name)!);
            Say($"+ {model.Name}");
            break;
        case 4 when store.Find(model.Name) is not null:
            await store.TagAsync(model.Name, $"{model.Name}:other", default);
            break;
        case 5 or 6 when store.Find(model.Name) is not null:
            Say($"- {model.Name}");
            await store.DeleteAsync(store.Find(model.Name)!.Id.ToString(), force: true, default);
            break;
        case 7:
            await store.CollectAsync(TimeSpan.Zero, TimeSpan.FromDays(7), default);
            break;
        default:
            break;
    }
}

static void Say(string line)
{
    Console.Out.WriteLine(line);
    Console.Out.Flush();
}
