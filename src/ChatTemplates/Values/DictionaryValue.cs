using System.Diagnostics.CodeAnalysis;

namespace ModelRunner.ChatTemplates.Values;

/// <summary>A Python dict: keys of any hashable value, in the order of their first insertion.</summary>
public sealed class DictionaryValue : Value
{
    // Few keys are found faster by looking at each.
    private const int IndexThreshold = 8;
    private readonly List<KeyValuePair<Value, Value>> _entries = [];
    private Dictionary<Value, int>? _index;

    internal override string TypeName => "dict";

    internal override bool IsTrue => _entries.Count > 0;

    internal override int Length => _entries.Count;

    internal List<KeyValuePair<Value, Value>> Entries => _entries;

    /// <summary>Sets the value of a text key.</summary>
    public void Set(string key, Value value) => Set(new TextValue(key), value);

    /// <summary>The value of a text key, or null.</summary>
    public Value? Get(string key)
    {
        if (_index is not null)
            return Find(new TextValue(key)) is >= 0 and var at ? _entries[at].Value : null;

        foreach (var entry in _entries)
            if (entry.Key is TextValue text && text.Text == key)
                return entry.Value;

        return null;
    }

    /// <summary>Whether a text key is there.</summary>
    public bool Has(string key) => Get(key) is not null;

    internal bool TryGet(Value key, [NotNullWhen(true)] out Value? value)
    {
        var at = Find(key);
        value = at < 0 ? null : _entries[at].Value;
        return at >= 0;
    }

    internal void Set(Value key, Value value)
    {
        var at = Find(key);
        if (at >= 0)
        {
            _entries[at] = new(_entries[at].Key, value);
            return;
        }

        _entries.Add(new(key, value));
        if (_index is not null)
            _index[key] = _entries.Count - 1;
        else if (_entries.Count > IndexThreshold)
            BuildIndex();
    }

    internal bool Remove(Value key)
    {
        var at = Find(key);
        if (at < 0)
            return false;

        _entries.RemoveAt(at);
        if (_index is not null)
            BuildIndex();

        return true;
    }

    internal void Clear()
    {
        _entries.Clear();
        _index = null;
    }

    internal DictionaryValue Copy()
    {
        var copy = new DictionaryValue();
        foreach (var entry in _entries)
            copy.Set(entry.Key, entry.Value);

        return copy;
    }

    private int Find(Value key)
    {
        if (_index is not null)
            return _index.TryGetValue(key, out var at) ? at : -1;

        if (key is TextValue text)
        {
            for (var i = 0; i < _entries.Count; i++)
                if (_entries[i].Key is TextValue other && other.Text == text.Text)
                    return i;

            return -1;
        }

        Operations.RequireHashable(key);
        for (var i = 0; i < _entries.Count; i++)
            if (Operations.AreEqual(_entries[i].Key, key))
                return i;

        return -1;
    }

    private void BuildIndex()
    {
        _index = new Dictionary<Value, int>(ValueComparer.Instance);
        for (var i = 0; i < _entries.Count; i++)
            _index[_entries[i].Key] = i;
    }
}
