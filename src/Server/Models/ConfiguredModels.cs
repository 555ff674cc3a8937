using System.Collections;
using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using ModelRunner.ModelStore;
using ModelRunner.ModelStore.Content;
using ModelRunner.Runtime;
using ModelRunner.Server.Options;
using ModelRunner.Wire.Dmr;

namespace ModelRunner.Server.Models;

/// <summary>
/// The settings of models: those that were configured over HTTP and are kept in the store's folder, then those of the start,
/// then the context size that a package brings. Seen by the runtime at each load. Thread-safe.
/// </summary>
internal sealed class ConfiguredModels : IReadOnlyDictionary<string, ModelSettings>
{
    private readonly IReadOnlyDictionary<string, ModelSettings> _given;
    private readonly ModelSettings _default;
    private readonly ContentStore _store;
    private readonly string _path;
    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<string, (Dictionary<string, string> Texts, ModelSettings Settings)> _configured = new(StringComparer.Ordinal);

    public ConfiguredModels(IReadOnlyDictionary<string, ModelSettings> given, ModelSettings defaults, ContentStore store)
    {
        _given = given;
        _default = defaults;
        _store = store;
        _path = Path.Combine(store.Root, "model-settings.json");
        foreach (var (key, texts) in Read())
            if (TryApply(Base(key), texts) is { } settings)
                _configured[key] = (texts, settings);
    }

    // Any model may have a packaged context size, so the runtime must always ask.
    public int Count => Math.Max(1, _given.Count + _configured.Count);

    public IEnumerable<string> Keys => _configured.Keys.Union(_given.Keys);

    public IEnumerable<ModelSettings> Values => Keys.Select(key => this[key]);

    public ModelSettings this[string key] => TryGetValue(key, out var settings) ? settings : throw new KeyNotFoundException(key);

    /// <summary>What was configured, by the names of the settings.</summary>
    public IReadOnlyDictionary<string, string> GetTexts(string key) => _configured.GetValueOrDefault(key).Texts ?? [];

    /// <summary>The settings that hold for a model.</summary>
    public ModelSettings GetEffective(string key) => TryGetValue(key, out var settings) ? settings : _default;

    /// <summary>Sets what a model is loaded with from now on, besides what was set before. Kept over restarts.</summary>
    /// <exception cref="FormatException">A value is none of its setting's.</exception>
    /// <exception cref="StoreException">It cannot be kept: then the model's settings stay as they were.</exception>
    public void Configure(string key, IReadOnlyDictionary<string, string> texts)
    {
        lock (_lock)
        {
            var all = new Dictionary<string, string>(GetTexts(key), StringComparer.Ordinal);
            foreach (var (name, text) in texts) all[name] = text;
            var settings = Apply(Base(key), all);
            Write(key, all);
            _configured[key] = (all, settings);
        }
    }

    public bool ContainsKey(string key) => TryGetValue(key, out _);

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out ModelSettings value)
    {
        value = _configured.TryGetValue(key, out var configured) ? configured.Settings : Base(key);
        return value != _default;
    }

    public IEnumerator<KeyValuePair<string, ModelSettings>> GetEnumerator() =>
        Keys.Select(key => KeyValuePair.Create(key, this[key])).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private ModelSettings Base(string key) =>
        _given.TryGetValue(key, out var given) ? given
        : _store.Find(key)?.Config.ContextSize is { } packaged and > 0 ? _default with { Load = _default.Load with { ContextLength = packaged } }
        : _default;

    private static ModelSettings Apply(ModelSettings settings, Dictionary<string, string> texts) =>
        texts.Aggregate(settings, (current, pair) => ModelSetting.All.First(setting => setting.Name == pair.Key).Apply(current, pair.Value));

    private static ModelSettings? TryApply(ModelSettings settings, Dictionary<string, string> texts)
    {
        try
        {
            return texts.Keys.All(name => ModelSetting.All.Any(setting => setting.Name == name)) ? Apply(settings, texts) : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private Dictionary<string, Dictionary<string, string>> Read()
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(_path), DmrJson.Default.DictionaryStringDictionaryStringString) ?? [];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            return [];
        }
    }

    private void Write(string key, Dictionary<string, string> texts)
    {
        var all = _configured.ToDictionary(pair => pair.Key, pair => pair.Value.Texts);
        all[key] = texts;
        var temporary = $"{_path}.tmp-{Guid.NewGuid():N}";
        try
        {
            using (var file = File.Create(temporary))
            {
                JsonSerializer.Serialize(file, all, DmrJson.Default.DictionaryStringDictionaryStringString);
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, _path, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StoreException(StoreException.Unavailable, $"The settings cannot be kept in '{_path}': {exception.Message}", exception);
        }
    }
}
