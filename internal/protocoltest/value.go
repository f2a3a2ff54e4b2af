package protocoltest

import (
	"maps"
	"reflect"
	"slices"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Object is a value of the provider block or of the resource by attribute. What
// is not in it is null. A set is a slice, a nested attribute an object; Unknown
// stands for any value. What comes back from the provider has sets as sorted
// []string and maps as map[string]string, or []any and map[string]any where an
// element is null or unknown.
type Object map[string]any

// Unknown is a value to be known after apply.
type Unknown struct{}

// Dynamic encodes a value for the protocol.
func (p *Provider) Dynamic(of tftypes.Type, o Object) *tfprotov6.DynamicValue {
	p.t.Helper()
	var v any
	if o != nil {
		v = o
	}
	d, err := tfprotov6.NewDynamicValue(of, encode(of, v))
	p.Must(err)
	return &d
}

func encode(of tftypes.Type, v any) tftypes.Value {
	switch v {
	case nil:
		return tftypes.NewValue(of, nil)
	case Unknown{}:
		return tftypes.NewValue(of, tftypes.UnknownValue)
	}
	in := reflect.ValueOf(v)
	switch of := of.(type) {
	case tftypes.Object:
		o, _ := v.(Object)
		attributes := map[string]tftypes.Value{}
		for name, t := range of.AttributeTypes {
			attributes[name] = encode(t, o[name])
		}
		for name := range o {
			if _, ok := attributes[name]; !ok {
				panic("no attribute " + name)
			}
		}
		return tftypes.NewValue(of, attributes)
	case tftypes.Set:
		elements := []tftypes.Value{}
		for _, e := range in.Seq2() {
			elements = append(elements, encode(of.ElementType, e.Interface()))
		}
		return tftypes.NewValue(of, elements)
	case tftypes.Map:
		elements := map[string]tftypes.Value{}
		for key, e := range in.Seq2() {
			elements[key.String()] = encode(of.ElementType, e.Interface())
		}
		return tftypes.NewValue(of, elements)
	}
	return tftypes.NewValue(of, v)
}

// Object decodes a state.
func (p *Provider) Object(d *tfprotov6.DynamicValue) Object {
	p.t.Helper()
	if d == nil {
		return nil
	}
	v, err := d.Unmarshal(p.CAD)
	p.Must(err)
	o, _ := decode(v).(Object)
	return o
}

func decode(v tftypes.Value) any {
	switch {
	case v.IsNull():
		return nil
	case !v.IsKnown():
		return Unknown{}
	case v.Type().Is(tftypes.String):
		return as[string](v)
	case v.Type().Is(tftypes.Bool):
		return as[bool](v)
	case v.Type().Is(tftypes.Set{}):
		all, texts := []any{}, []string{}
		for _, e := range as[[]tftypes.Value](v) {
			all = append(all, decode(e))
			if s, ok := decode(e).(string); ok {
				texts = append(texts, s)
			}
		}
		if len(texts) < len(all) {
			return all
		}
		slices.Sort(texts)
		return texts
	}
	all, texts := map[string]any{}, map[string]string{}
	for name, e := range as[map[string]tftypes.Value](v) {
		all[name] = decode(e)
		if s, ok := all[name].(string); ok {
			texts[name] = s
		}
	}
	switch {
	case v.Type().Is(tftypes.Object{}):
		maps.DeleteFunc(all, func(_ string, e any) bool { return e == nil })
		return Object(all)
	case len(texts) < len(all):
		return all
	}
	return texts
}

func as[T any](v tftypes.Value) (out T) {
	if err := v.As(&out); err != nil {
		panic(err)
	}
	return out
}
