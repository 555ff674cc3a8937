using System.Collections.Frozen;
using ModelRunner.ChatTemplates.Compilation;
using ModelRunner.ChatTemplates.Values;

namespace ModelRunner.ChatTemplates.Builtins;

/// <summary>Methods of <c>dict</c>.</summary>
internal static class DictionaryMethods
{
    private static readonly FrozenDictionary<string, Method> Table = new Dictionary<string, Method>
    {
        ["get"] = static (self, arguments) =>
        {
            arguments.Expect(1, "key", "default");
            return Of(self).TryGet(arguments.Get(0, "key")!, out var value) ? value : arguments.Get(1, "default", NoneValue.Instance);
        },
        ["keys"] = static (self, arguments) => View(self, arguments, ViewKind.Keys),
        ["values"] = static (self, arguments) => View(self, arguments, ViewKind.Values),
        ["items"] = static (self, arguments) => View(self, arguments, ViewKind.Items),
        ["copy"] = static (self, arguments) =>
        {
            arguments.Expect(0).Rendering.ChargeItems(self.Length);
            return Of(self).Copy();
        },
        ["pop"] = static (self, arguments) =>
        {
            arguments.Expect(1, "key", "default");
            var key = arguments.Get(0, "key")!;
            if (!Of(self).TryGet(key, out var value))
                return arguments.Get(1, "default") ?? throw TemplateException.Runtime($"no key {Printing.PythonText.Repr(key)}");

            Of(self).Remove(key);
            return value;
        },
        ["popitem"] = static (self, arguments) =>
        {
            arguments.Expect(0);
            if (Of(self).Length == 0)
                throw TemplateException.Runtime("popitem(): dictionary is empty");

            var (key, value) = Of(self).Entries[^1];
            Of(self).Remove(key);
            return ListValue.Tuple(key, value);
        },
        ["setdefault"] = static (self, arguments) =>
        {
            arguments.Expect(1, "key", "default");
            var key = arguments.Get(0, "key")!;
            if (Of(self).TryGet(key, out var value))
                return value;

            Operations.RequireHashable(key);
            value = arguments.Get(1, "default", NoneValue.Instance);
            Of(self).Set(key, value);
            return value;
        },
        ["update"] = static (self, arguments) =>
        {
            foreach (var source in arguments.Positional)
                foreach (var (key, value) in Globals.Pairs(source, arguments.Rendering))
                    Of(self).Set(key, value);

            foreach (var (name, value) in arguments.Named)
                Of(self).Set(name, value);

            return NoneValue.Instance;
        },
        ["clear"] = static (self, arguments) =>
        {
            arguments.Expect(0);
            Of(self).Clear();
            return NoneValue.Instance;
        },
    }.ToFrozenDictionary();

    public static Method? Find(string name) => Table.GetValueOrDefault(name);

    private static DictionaryValue Of(Value self) => (DictionaryValue)self;

    private static ViewValue View(Value self, Arguments arguments, ViewKind kind)
    {
        arguments.Expect(0);
        return new ViewValue(Of(self), kind);
    }
}
